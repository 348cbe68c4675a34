import pytest

from tests.faults import reach
from tests.faults.proxy import Proxy
from tests.site import Site, running


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
