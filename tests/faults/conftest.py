import pytest
from django.contrib.auth.models import User

from approvals_site import people
from tests.conftest import PASSWORD
from tests.durable import intact
from tests.faults import reach
from tests.faults.proxy import Proxy
from tests.faults.server import serving
from tests.site import Site, running

MOST_CONNECTIONS = 30


@pytest.fixture(autouse=True)
def _left_intact(request):
    """After every test with a database in here, its processes gone."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("left_intact")


@pytest.fixture
def proxy(transactional_db):
    """Between the test database and whoever is told to go through it."""
    proxy = Proxy(reach.socket_of_the_test_database())
    yield proxy
    proxy.close()


@pytest.fixture
def through(proxy) -> dict[str, str]:
    """The environment of a process that reaches the test database through the proxy."""
    return reach.environment(reach.url_through(proxy.port))


@pytest.fixture
def proxied_site(proxy, through, tmp_path) -> Site:
    """Web server and worker behind the proxy."""
    with running(tmp_path / "log", **through) as site:
        yield site
        proxy.heal()
        print(site.log.read_text())


@pytest.fixture(scope="module")
def server(django_db_setup):
    """A PostgreSQL of this module's own, to be ill-treated."""
    with serving(max_connections=str(MOST_CONNECTIONS)) as server:
        yield server


@pytest.fixture
def database(server, transactional_db):
    """This thread's own connection goes to that server."""
    server.start()
    with reach.by(server.url) as connection:
        yield connection
        intact()


@pytest.fixture(scope="module")
def site(server, tmp_path_factory):
    """Web server and worker on that server, through all of the module."""
    with running(tmp_path_factory.mktemp("site") / "log", **reach.environment(server.url)) as site:
        yield site
        print(site.log.read_text())


@pytest.fixture
def person(site, database) -> reach.Person:
    known = User.objects.filter(username=people.FIONA.username).first()
    return reach.Person(site.url, known or people.create(people.FIONA, PASSWORD))
