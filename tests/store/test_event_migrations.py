"""An installation that has events already gets them chained, and can go back."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from flows.models import Event
from flows.services import audit
from tests.durable import ask

pytestmark = pytest.mark.django_db(transaction=True)
FIRST = ("flows", "0004_event_hash")


def migrate(*targets) -> None:
    MigrationExecutor(connection).migrate(list(targets))


@pytest.fixture
def before():
    """The schema as it was before events were chained; as it is today after the test."""
    graph = MigrationExecutor(connection).loader.graph
    migrate(*(parent.key for parent in graph.node_map[FIRST].parents if parent.key[0] == "flows"))
    yield
    migrate(*graph.leaf_nodes("flows"))


def today() -> None:
    migrate(*MigrationExecutor(connection).loader.graph.leaf_nodes("flows"))


def test_the_events_that_are_there_are_chained():
    for _ in range(3):
        ask()
    hashes = dict(Event.objects.values_list("id", "hash"))
    migrate(FIRST)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE flows_event SET hash = ''")
    today()
    assert dict(Event.objects.values_list("id", "hash")) == hashes
    report = audit.verify()
    assert (report.events, report.problems) == (6, [])


def test_it_can_be_undone_and_done_again(before):
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'flows_event'")
        assert "hash" not in {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT count(*) FROM pg_proc WHERE proname LIKE 'flows_event%'")
        assert cursor.fetchone() == (0,)
    today()
    ask()
    assert audit.verify().problems == []
