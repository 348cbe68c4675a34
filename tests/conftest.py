"""People, and the running site, for every test."""

import os
import re
from pathlib import Path

import hypothesis
import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from psycopg.errors import DeadlockDetected

from approvals_site import people
from flows.live import hints
from tests.durable import Processes, intact
from tests.site import Site, running

hints.LINGER_SECONDS = 0.0  # no thread of one test reaches into the next
PASSWORD = "correct-horse-battery"
FLUSHES = 5
CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_OPTIONS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
BROWSER_FIXTURES = {"browser", "context", "page", "new_context"}


@pytest.fixture
def rita(db) -> User:
    """The one who asks: in no group."""
    return people.create(people.RITA, PASSWORD)


@pytest.fixture
def fiona(db) -> User:
    """A reviewer, of the group Finance."""
    return people.create(people.FIONA, PASSWORD)


@pytest.fixture
def leo(db) -> User:
    """A reviewer of another group, Legal."""
    return people.create(people.LEO, PASSWORD)


@pytest.fixture
def admin(db) -> User:
    return people.create(people.ADMIN, PASSWORD)


@pytest.fixture
def stranger(db) -> User:
    """Signed in, but in no group and with no right."""
    return people.create(people.Person("sam", "Sam", "stranger"), PASSWORD)


@pytest.fixture
def owner(rita: User) -> User:
    return rita


@pytest.fixture
def reviewer(fiona: User) -> User:
    return fiona


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Beside the usual: remove the databases of runs that were killed."""
    with django_db_blocker.unblock():
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname ~ '^test_[0-9]+'")
            for (name,) in cursor.fetchall():
                if not Path(f"/proc/{re.findall('[0-9]+', name)[0]}").exists():
                    cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        _let_tests_empty_tables(connection)


def _let_tests_empty_tables(connection) -> None:
    """Between tests all tables are emptied, which events refuse to anybody but a superuser who insists.

    For every connection: beside Playwright's event loop the tests have one of their own.
    """
    operations = type(connection.ops)
    sql_flush = operations.sql_flush

    def insisting(*args, **kwargs):
        return ["SET LOCAL session_replication_role = replica", *sql_flush(*args, **kwargs)]

    operations.sql_flush = insisting
    _let_requests_on_their_way_end(operations)


def _let_requests_on_their_way_end(operations) -> None:
    """A page that was closed may have asked for something: emptying the tables under that can deadlock,
    of which PostgreSQL ends one. Then once more: nobody asks for anything new."""
    execute = operations.execute_sql_flush

    def patient(self, statements):
        for left in reversed(range(FLUSHES)):
            try:
                execute(self, statements)
                return
            except OperationalError as error:
                if not left or not isinstance(error.__cause__, DeadlockDetected):
                    raise

    operations.execute_sql_flush = patient


@pytest.fixture(scope="module")
def _started_site(django_db_setup, tmp_path_factory):
    """Ends with its module: its worker would take what other tests start for workers of their own."""
    with running(tmp_path_factory.mktemp("site") / "log") as site:
        yield site
        print(site.log.read_text())


@pytest.fixture
def site(_started_site: Site, transactional_db) -> Site:
    """The real thing: web server and worker in processes of their own, on the test database."""
    if _started_site.worker_is_gone:
        _started_site.start_worker()
    return _started_site


@pytest.fixture
def processes(transactional_db, tmp_path):
    """Workers in processes of their own, to be killed; none is left after the test."""
    processes = Processes(tmp_path / "workers.log")
    yield processes
    print(processes.output())
    processes.stop()


@pytest.fixture
def left_intact(transactional_db):
    """Whatever the test does, in the end everything is true of the rows that must be."""
    yield
    intact()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    if not CHROMIUM.exists() and os.environ.get("REQUIRE_BROWSER") != "1":
        pytest.skip("Chromium is not installed (on Debian: apt install chromium)")
    return browser_type_launch_args | {"executable_path": str(CHROMIUM), "args": CHROMIUM_OPTIONS.split()}


def pytest_collection_modifyitems(items):
    """Browser tests last: Playwright leaves an event loop running, and async_to_sync() refuses that."""
    items.sort(key=lambda item: bool(BROWSER_FIXTURES & set(item.fixturenames)))


@pytest.fixture(autouse=True)
def _plain_orm_beside_playwright(request, monkeypatch):
    if BROWSER_FIXTURES & set(request.fixturenames):
        monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


hypothesis.settings.register_profile("ci", max_examples=60, derandomize=True, deadline=None)
hypothesis.settings.register_profile("thorough", max_examples=2_500, deadline=None, print_blob=True)
hypothesis.settings.load_profile("ci")
