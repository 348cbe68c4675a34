"""20. Disk full: pages say 503, nothing is half done, and with room again everything goes on by itself."""

import secrets
import subprocess
from contextlib import contextmanager, suppress

import psycopg
import pytest
from django.db import OperationalError

from flows.services import executions
from tests.durable import reload, until
from tests.faults.pages import answer, assert_says_so, seconds_until_all_works, waiting
from tests.faults.server import serving
from tests.faults.whole import ONCE, assert_answer_is_whole, kinds

pytestmark = pytest.mark.django_db(transaction=True)

DISK = "192m"
WAL = {"min_wal_size": "32MB", "max_wal_size": "64MB", "wal_recycle": "off", "wal_init_zero": "on"}
FILL_THE_LOG = (
    "SELECT pg_logical_emit_message(false, 'full', repeat('x', 1000000)) FROM generate_series(1, 200)"
)
BACK_SECONDS = 12
MOST_TRIES = 200


@contextmanager
def small_disk(folder):
    """A file system of a few megabytes at `folder`, gone afterwards."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0755", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("Only root can make a small disk to fill.")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture(scope="module")
def server(django_db_setup):
    with serving(on=small_disk, **WAL) as server:
        yield server


@pytest.fixture
def full(server):
    """Fill the disk when called; there is room again at the end whatever happens."""
    filler = server.cluster.place.base / "filler"

    def fill() -> None:
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(65_536)):
                pass

    fill.end = lambda: filler.unlink(missing_ok=True)
    yield fill
    fill.end()


def test_no_room_for_data(server, site, person, database, full):
    asked = [waiting() for _ in range(3)]
    before = [start_large()]
    full()
    with pytest.raises(OperationalError, match="No space left"):
        before.extend(start_large() for _ in range(MOST_TRIES))
    refused = [answer(person, interrupt, comment=incompressible(9_000)) for interrupt in asked]
    assert_says_so(refused[-1])
    for interrupt, said in zip(asked, refused, strict=True):
        assert assert_answer_is_whole(interrupt) == (said.status == 200)
    full.end()
    assert_everything_goes_on(person, database, asked)
    for execution in before:
        until(lambda e=execution: reload(e).status == "waiting")
        assert kinds(execution) == ONCE[:2]


def test_no_room_for_the_log_ends_the_server_and_starting_it_with_room_is_enough(
    server, site, person, database, full
):
    asked = [waiting() for _ in range(3)]
    full()
    with server.connect() as connection, pytest.raises(psycopg.OperationalError):
        connection.execute(FILL_THE_LOG)
    assert_says_so(answer(person, asked[0]))
    until(server.cluster.is_down)  # it cannot recover without room either
    full.end()
    server.start()
    assert_everything_goes_on(person, database, asked)


def start_large():
    body = incompressible(200_000)
    return executions.start(flow="ask", input={"payload": {"question": "Go on?", "body": body}})


def incompressible(length: int) -> str:
    return secrets.token_hex(length // 2)


def assert_everything_goes_on(person, database, asked) -> None:
    took = seconds_until_all_works(person, database)
    print(f"\ndisk full: back after {took:.1f} s")
    assert took < BACK_SECONDS
    for interrupt in asked:
        if not assert_answer_is_whole(interrupt):
            assert answer(person, interrupt).status == 200
        until(lambda i=interrupt: reload(i.execution).status == "completed")
        assert kinds(interrupt.execution) == ONCE
