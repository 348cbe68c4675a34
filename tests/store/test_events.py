"""Events are chained by the database, whoever writes them, and stay as they were written."""

import pytest
from django.db import DatabaseError, connection, transaction

from flows.models import Event, Execution
from flows.services import audit, executions
from flows.store import commits, queue
from tests.durable import Threads, ask

pytestmark = pytest.mark.django_db(transaction=True)


def refused(sql, parameters=()) -> str:
    with pytest.raises(DatabaseError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
    return str(refusal.value)


@pytest.fixture
def application():
    """The connection as a role that may do what an application is granted, and owns nothing."""
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS app_of_test")
        cursor.execute("CREATE ROLE app_of_test")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO app_of_test")
        cursor.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO app_of_test")
        cursor.execute("SET ROLE app_of_test")
        yield
        cursor.execute("RESET ROLE")
        cursor.execute("DROP OWNED BY app_of_test")
        cursor.execute("DROP ROLE app_of_test")


def test_every_event_follows_from_the_one_before_it():
    ask()
    hashes = [bytes(event.hash) for event in Event.objects.order_by("id")]
    assert [len(each) for each in hashes] == [32, 32]
    assert len(set(hashes)) == 2
    assert audit.verify().problems == []


def test_the_rows_of_one_statement_are_chained_too():
    executions.start(flow="ask", input={})
    (claim,) = queue.claim(queue.Claimer("me", 30.0), limit=1)
    events = [("execution.reported", {"item": f"Ünï “{n}” \\ \n\t"}, None) for n in range(50)]
    row = commits.Commit(
        id=claim.id, epoch=claim.epoch, message_seq=0, status="running", hold=True, events=events
    )
    assert commits.commit([row], owner="me")
    report = audit.verify(execution_id=claim.id)
    assert (report.events, report.problems) == (51, [])


def test_writers_that_meet_on_one_execution_form_one_chain():
    """Each waits for the execution's row inside its own statement, whose snapshot is older than the lock."""
    execution = executions.start(flow="ask", input={})

    def write():
        for _ in range(30):
            with connection.cursor() as cursor:
                cursor.execute(
                    """
                    WITH held AS (SELECT id FROM flows_execution WHERE id = %s FOR NO KEY UPDATE)
                    INSERT INTO flows_event (execution_id, kind, door, address)
                    SELECT id, 'execution.reported', '', '' FROM held
                    """,
                    [execution.pk],
                )

    assert Threads([write] * 4).run() == [None] * 4
    report = audit.verify()
    assert (report.events, report.problems) == (121, [])


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE flows_event SET address = '10.0.0.1'", "never changed"),
        ("UPDATE flows_event SET hash = ''", "never changed"),
        ("DELETE FROM flows_event", "only together with their execution"),
        ("TRUNCATE flows_event", "never changed or removed"),
        ("ALTER TABLE flows_event DISABLE TRIGGER ALL", "must be owner"),
        ("SET session_replication_role = replica", "permission denied"),
    ],
)
def test_the_applications_role_cannot_change_what_happened(application, sql, said):
    executions.start(flow="ask", input={})
    assert said in refused(sql)
    assert Event.objects.count() == 1
    assert audit.verify().problems == []


def test_what_a_writer_says_the_hash_is_does_not_matter(application):
    execution = executions.start(flow="ask", input={})
    Event.objects.create(execution=execution, kind="execution.reported", hash=b"x" * 32)
    assert audit.verify().problems == []


def test_the_events_of_an_execution_go_with_it():
    gone, kept = (executions.start(flow="ask", input={}) for _ in range(2))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM flows_execution WHERE id = %s", [gone.pk])
        cursor.execute("DELETE FROM flows_event WHERE execution_id = %s", [gone.pk])
    assert Event.objects.get().execution == kept
    assert Execution.objects.get() == kept


def test_a_young_table_is_not_read_whole_for_every_event():
    """Nor an old one, by sessions that began while it was young."""
    execution = ask().execution
    connection.close()  # with its plans
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ANALYZE flows_event")
        Event.objects.create(execution=execution, kind="execution.reported")
        cursor.execute("SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'flows_event'")
        assert cursor.fetchone() == (0,)
