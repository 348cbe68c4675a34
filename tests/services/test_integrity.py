"""10. No interrupt without its execution, waiting if and only if something is waited for, and whatever
else SQL can see: each row is damaged once, and `check_integrity` names it."""

import pytest
from django.db import InternalError, connection, transaction

from flows.models import Execution
from flows.services import executions, integrity, interrupts
from flows.store import reading
from tests.durable import Threads, ask, intact, work
from tests.flows_for_tests import flows

pytestmark = pytest.mark.django_db(transaction=True)

WAITING = "(SELECT id FROM flows_execution WHERE status = 'waiting')"
FAILED = "(SELECT id FROM flows_execution WHERE status = 'failed')"
COMPLETED = "(SELECT id FROM flows_execution WHERE status = 'completed')"
CANCELLED = "(SELECT id FROM flows_execution WHERE status = 'cancelled')"
INSERT_EVENT = "INSERT INTO flows_event (execution_id, interrupt_id, kind, door, address) "
INSERT_MESSAGE = "INSERT INTO flows_message (execution_id, kind, body) SELECT id, "
CLOSED = "SELECT execution_id, id, 'interrupt.{}', '', '' FROM flows_interrupt WHERE status = '{}'"
NEW_ID = "'00000000-0000-7000-8000-000000000000'"
SNAPSHOT = "UPDATE flows_execution SET snapshot = {} WHERE status = 'waiting'"

FAULTS = {
    "UPDATE flows_execution SET status = 'waiting', wake_at = NULL WHERE status = 'failed'": (
        "waiting_for_something"
    ),
    f"UPDATE flows_interrupt SET execution_id = {COMPLETED} WHERE status = 'waiting'": "interrupt_is_awaited",
    "UPDATE flows_execution SET status = 'created' WHERE status = 'waiting'": "interrupt_is_awaited",
    "UPDATE flows_execution SET wake_at = now() WHERE status = 'completed'": "ended_is_at_rest",
    "UPDATE flows_execution SET lease_owner = 'x', lease_until = now() WHERE status = 'cancelled'": (
        "ended_is_at_rest"
    ),
    "UPDATE flows_execution SET finished_at = NULL WHERE status = 'completed'": "ended_has_its_time",
    "UPDATE flows_execution SET finished_at = now() WHERE status = 'waiting'": "ended_has_its_time",
    "UPDATE flows_execution SET wake_at = NULL WHERE status = 'created'": "begun_at_once",
    f"UPDATE flows_interrupt SET status = 'suspended' WHERE execution_id = {WAITING}": "interrupt_is_awaited",
    "UPDATE flows_execution SET status = 'failed' WHERE status = 'waiting'": "interrupt_is_awaited",
    "UPDATE flows_interrupt SET expires_at = now() WHERE status = 'waiting'": "expiry_is_kept",
    f"{INSERT_MESSAGE} 'retry', NULL FROM flows_execution WHERE status = 'waiting'": "message_is_read",
    "WITH e AS (UPDATE flows_execution SET wake_at = now() + interval '1 day' WHERE status = 'waiting' "
    "RETURNING id) INSERT INTO flows_message (execution_id, kind, due_at) "
    "SELECT id, 'answer', now() + interval '1 hour' FROM e": "message_is_read",
    f"{INSERT_MESSAGE} 'retry', NULL FROM flows_execution WHERE status = 'completed'": "message_is_read",
    f"{INSERT_MESSAGE} 'x', NULL FROM flows_execution WHERE status = 'failed'": "messages_are_counted",
    "UPDATE flows_execution SET lease_until = now() WHERE status = 'waiting'": "lease_is_whole",
    "UPDATE flows_execution SET snapshot = NULL WHERE status = 'completed'": "progress_is_kept",
    "DELETE FROM flows_response": "answer_is_kept",
    "INSERT INTO flows_response (interrupt_id, execution_id, value, door, digest) "
    "SELECT id, execution_id, 'null', 'code', digest FROM flows_interrupt WHERE status = 'waiting'": (
        "answer_is_kept"
    ),
    "UPDATE flows_response SET digest = 'x'": "answer_is_to_what_was_shown",
    "DELETE FROM flows_vote": "quorum_is_kept",
    'UPDATE flows_interrupt SET stage = 1, policy = \'{"stages": [{"quorum": 3}, {}]}\' '
    "WHERE policy IS NOT NULL": "stages_are_in_order",
    "UPDATE flows_interrupt SET status = 'waiting', closed_at = NULL WHERE policy IS NOT NULL": (
        "votes_are_counted"
    ),
    "UPDATE flows_vote SET digest = 'x'": "vote_is_allowed",
    "DELETE FROM flows_event WHERE kind = 'interrupt.voted'": "vote_is_told",
    f"UPDATE flows_vote SET execution_id = {NEW_ID}": "vote_has_its_execution",
    f"UPDATE flows_vote SET interrupt_id = {NEW_ID}": "vote_has_its_interrupt",
    f"UPDATE flows_response SET execution_id = {WAITING}": "answer_is_to_what_was_shown",
    "DELETE FROM flows_inboxentry": "inbox_has_what_waits",
    "UPDATE flows_inboxentry SET priority = 3": "inbox_has_what_waits",
    "UPDATE flows_inboxentry SET token = 'g:Nobody'": "inbox_has_nothing_else",
    "DELETE FROM flows_event WHERE kind = 'execution.started'": "start_is_told",
    f"{INSERT_EVENT} SELECT {WAITING}, NULL, 'execution.started', '', ''": "start_is_told",
    f"UPDATE flows_event SET id = -1 WHERE kind = 'interrupt.opened' AND execution_id = {WAITING}": (
        "start_is_told"
    ),
    "DELETE FROM flows_event WHERE kind = 'execution.completed'": "end_is_told",
    "DELETE FROM flows_event WHERE kind = 'execution.cancelled'": "end_is_told",
    f"{INSERT_EVENT} SELECT {COMPLETED}, NULL, 'execution.completed', '', ''": "end_is_told",
    f"{INSERT_EVENT} SELECT {COMPLETED}, NULL, 'execution.cancelled', '', ''": "end_is_told",
    f"{INSERT_EVENT} SELECT {WAITING}, NULL, 'execution.cancelled', '', ''": "end_is_told",
    f"DELETE FROM flows_event WHERE kind = 'execution.failed' AND execution_id = {FAILED}": "failure_is_told",
    f"{INSERT_EVENT} SELECT {FAILED}, NULL, 'execution.retried', '', ''": "failure_is_told",
    f"{INSERT_EVENT} SELECT {WAITING}, NULL, 'execution.failed', '', ''": "retry_is_told",
    "DELETE FROM flows_event WHERE kind = 'interrupt.opened'": "interrupt_is_told",
    f"{INSERT_EVENT} {CLOSED.format('opened', 'waiting')}": "interrupt_is_told",
    "DELETE FROM flows_event WHERE kind = 'interrupt.answered'": "closing_is_told",
    "DELETE FROM flows_event WHERE kind = 'interrupt.closed'": "closing_is_told",
    f"{INSERT_EVENT} {CLOSED.format('answered', 'answered')}": "closing_is_told",
    f"{INSERT_EVENT} {CLOSED.format('answered', 'cancelled')}": "closing_is_told",
    f"{INSERT_EVENT} {CLOSED.format('closed', 'waiting')}": "closing_is_told",
    f"{INSERT_EVENT} {CLOSED.format('undone', 'answered')}": "closing_is_told",
    f"{INSERT_EVENT} {CLOSED.format('expired', 'waiting')}": "closing_is_told",
    f"{INSERT_EVENT} SELECT {WAITING}, NULL, 'x.y', '', ''": "event_is_known",
    f"UPDATE flows_event SET execution_id = {FAILED} WHERE kind = 'interrupt.answered'": "event_is_in_place",
    f"UPDATE flows_interrupt SET execution_id = {NEW_ID}": "interrupt_has_its_execution",
    f"UPDATE flows_response SET execution_id = {NEW_ID}": "response_has_its_execution",
    "DELETE FROM flows_interrupt WHERE status = 'answered'": "response_has_its_interrupt",
    "DELETE FROM flows_execution WHERE status = 'created'": "event_has_its_execution",
    "DELETE FROM flows_interrupt WHERE status = 'waiting'": "event_has_its_interrupt",
    f"INSERT INTO flows_message (execution_id, kind) VALUES ({NEW_ID}, 'x')": "message_has_its_execution",
    SNAPSHOT.format("'{'"): "snapshot_is_readable",
    SNAPSHOT.format("'[]'"): "snapshot_is_readable",
    SNAPSHOT.format('\'{"status": "waiting", "interrupts": [3]}\''): "snapshot_is_readable",
    SNAPSHOT.format('\'{"status": "waiting", "ready": [], "interrupts": []}\''): (
        "interrupt_is_in_the_snapshot"
    ),
    SNAPSHOT.format("NULL"): "interrupt_is_in_the_snapshot",
    "UPDATE flows_interrupt SET status = 'answered', closed_at = now() WHERE status = 'waiting'": (
        "snapshot_waits_for_an_interrupt"
    ),
    SNAPSHOT.format("replace(snapshot, '\"ready\":[]', '\"ready\":[{}]')"): "ready_is_due",
    SNAPSHOT.format('replace(snapshot, \'"ready":[]\', \'"ready":[{"away":"r"}]\')'): "away_has_its_run",
    "INSERT INTO flows_remoterun (id, execution_id, step, activation, attempt, status) "
    f"SELECT {NEW_ID}, id, 's', 1, 1, 'queued' FROM flows_execution WHERE status = 'waiting'": "run_is_away",
    "UPDATE flows_execution SET status = 'running', wake_at = now() WHERE status = 'waiting'": (
        "snapshot_has_the_status"
    ),
}


@pytest.fixture
def one_of_each(fiona, leo):
    """An execution in each status; the completed one has failed once, been retried and approved by two."""
    ask()
    executions.cancel(execution_id=ask().execution_id, reason="No more")
    approved = ask(policy={"users": ["fiona", "leo"], "quorum": 2})
    for person in (fiona, leo):
        interrupts.decide(interrupt_id=approved.pk, answer={"approved": True}, by=person)
    flows.broken.add("keep")
    work()
    flows.broken.clear()
    executions.retry(execution_id=Execution.objects.get(status="failed").pk)
    work()
    lost = executions.start(flow="ask", input={})
    Execution.objects.filter(pk=lost.pk).update(flow="gone")
    work()
    executions.start(flow="ask", input={})
    statuses = sorted(Execution.objects.values_list("status", flat=True))
    assert statuses == ["cancelled", "completed", "created", "failed", "waiting"]


def broken_after(sql) -> list[str]:
    """Names of what is noticed after a superuser, whom no trigger stops, did this."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        assert cursor.rowcount > 0
    return [broken.name for broken in integrity.check()]


@pytest.mark.parametrize("sql", FAULTS)
def test_a_fault_is_noticed_by_what_is_there_for_it(one_of_each, sql):
    assert FAULTS[sql] in broken_after(sql)


def test_there_is_a_fault_for_every_check():
    assert set(FAULTS.values()) == set(integrity.names())
    assert len(integrity.names()) == len(set(integrity.names()))


def test_nothing_is_noticed_where_nothing_is_wrong(one_of_each):
    intact()


def test_what_is_noticed_comes_with_a_count_and_at_most_five_examples():
    ids = sorted(str(executions.start(flow="ask", input={}).pk) for _ in range(7))
    assert broken_after("UPDATE flows_execution SET snapshot = '{'") == ["snapshot_is_readable"]
    (broken,) = integrity.check()
    assert (broken.subject, broken.count, len(broken.examples)) == ("execution", 7, 5)
    assert set(broken.examples) < set(ids)


def test_an_answer_or_a_retry_that_is_on_its_way_is_no_fault():
    interrupts.decide(interrupt_id=ask().pk, answer={"approved": True})
    intact()
    flows.broken.add("keep")
    work()
    flows.broken.clear()
    executions.retry(execution_id=Execution.objects.get().pk)
    intact()


def test_an_unreadable_snapshot_is_no_fault_once_it_is_set_aside():
    interrupt = ask()
    Execution.objects.update(snapshot="{", wake_at="2000-01-01T00:00Z")
    work()
    assert Execution.objects.get(pk=interrupt.execution_id).error["type"] == "UnreadableSnapshot"
    intact()


def test_the_check_cannot_write():
    with pytest.raises(InternalError, match="read-only"), reading.frozen():
        Execution.objects.update(claims=1)


def test_all_checks_look_at_one_moment():
    with reading.frozen():
        assert Execution.objects.count() == 0
        (started,) = Threads([lambda: executions.start(flow="ask", input={})]).run()
        assert Execution.objects.count() == 0
    assert Execution.objects.get() == started
