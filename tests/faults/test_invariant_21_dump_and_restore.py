"""21. Dump and restore under load is clean: what was dumped while workers and people were busy goes on from
there on another database, and nothing in it is half done."""

import subprocess
from urllib.parse import quote

import pytest
from django.db import connection

from approvals_site.pg_embedded.base import server_for
from tests.durable import intact, until
from tests.faults import reach
from tests.faults.test_crash_points import ALL
from tests.herd import Herd

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def restored():
    """The name of a new, empty database on the server of the tests."""
    name = f"{connection.settings_dict['NAME']}_restored"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        yield name
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def program(name: str, *arguments: object) -> list[str]:
    """One of PostgreSQL's programs, for the server of the tests."""
    cluster = server_for(connection.settings_dict).cluster
    place = ["--host", str(cluster.place.sockets), "--username", "postgres"]
    return [str(cluster.place.programs / name), *place, *map(str, arguments)]


def sees_one_moment(dumping: subprocess.Popen) -> bool:
    """Whether the dump has its snapshot by now: what comes later is not in it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM pg_stat_activity WHERE application_name = 'pg_dump' AND backend_xmin IS NOT NULL"
        )
        return bool(cursor.rowcount) or dumping.poll() is not None


def test_what_was_dumped_under_load_goes_on_elsewhere(herd, tour, restored, tmp_path):
    for _ in range(8):
        tour.start(*ALL)
    dump, name = tmp_path / "dump", connection.settings_dict["NAME"]
    herd.worker()
    herd.worker()
    until(lambda: tour.push() or tour.has_completed(len(ALL)))
    tour.start(*ALL)
    dumping = subprocess.Popen(program("pg_dump", "--format=custom", "--file", dump, name))
    until(lambda: sees_one_moment(dumping))  # nobody answers what is asked now
    until(lambda: tour.push() or dumping.poll() is not None)
    assert dumping.returncode == 0
    herd.stop()
    subprocess.run(program("pg_restore", "--exit-on-error", "--dbname", restored, dump), check=True)
    sockets = quote(reach.socket_of_the_test_database().rpartition("/")[0], safe="")
    with reach.by(f"postgresql:///{restored}?host={sockets}&user=postgres"):
        intact()
        assert not tour.is_over
        elsewhere = Herd(tmp_path / "elsewhere.log", database=restored)
        try:
            elsewhere.worker()
            until(lambda: tour.push() or tour.is_over)
        finally:
            elsewhere.stop()
        tour.check()
