"""Runs of chunks on a fleet: who has one, and whose outcome counts. Real connections, real races."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.db.models.functions import Now

from flows.models import Execution, Message, RemoteRun
from flows.services import executions
from flows.store import commits, queue, runs
from tests.durable import Threads, reload

pytestmark = pytest.mark.django_db(transaction=True)
OUTCOME = {"effects": [], "output": 1}


@pytest.fixture
def execution() -> Execution:
    return executions.start(flow="ask", input={})


@pytest.fixture
def run(execution) -> RemoteRun:
    """Parked with one run away, as a worker's commit leaves it."""
    (claim,) = queue.claim(queue.Claimer("me", 30.0), limit=1)
    sent = runs.Run(uuid.uuid4(), "heavy", 1, 1)
    row = commits.Commit(claim.id, claim.epoch, 0, "running", snapshot="{}", runs=[sent])
    commits.commit([row], owner="me")
    return RemoteRun.objects.get()


def claim(run, owner="c", lease_seconds=30.0):
    return runs.claim(id=run.pk, owner=owner, lease_seconds=lease_seconds)


def take_due():
    return runs.take_due(resend_seconds=60.0)


def expire():
    RemoteRun.objects.update(due_at=Now() - timedelta(seconds=1))


def test_it_is_written_with_the_commit_or_not_at_all(execution):
    (claimed,) = queue.claim(queue.Claimer("me", 30.0), limit=1)
    stale = commits.Commit(claimed.id, 9, 0, "running", runs=[runs.Run(uuid.uuid4(), "heavy", 1, 1)])
    assert commits.commit([stale], owner="me") == {}
    assert not RemoteRun.objects.exists()


def test_one_attempt_of_an_activation_is_sent_away_once(run):
    with pytest.raises(IntegrityError):
        runs.add([(run.execution_id, runs.Run(uuid.uuid4(), "heavy", 1, 1))])


def test_of_many_who_claim_it_one_gets_it(run):
    results = Threads([lambda n=n: claim(run, f"c{n}") for n in range(8)]).run()
    won = [result for result in results if isinstance(result, runs.Claimed)]
    assert [r for r in results if r is not None] == won
    assert len(won) == 1
    assert (won[0].epoch, won[0].flow, won[0].snapshot) == (1, "ask", "{}")


def test_it_can_be_claimed_again_once_its_lease_ran_out(run):
    first = claim(run)
    assert claim(run) is None
    expire()
    assert claim(run, "d").epoch == first.epoch + 1
    run.refresh_from_db()
    assert (run.status, run.owner) == ("running", "d")


def test_the_outcome_wakes_the_execution_and_comes_once(run, execution):
    claimed = claim(run)
    assert reload(execution).wake_at is None
    assert runs.finish(claimed, OUTCOME)
    assert not runs.finish(claimed, OUTCOME)
    message = Message.objects.get()
    body = {"run": str(run.pk), "activation": 1, "claims": 1, "outcome": OUTCOME}
    assert (message.kind, message.body) == ("outcome", body)
    assert (reload(execution).message_seq, reload(execution).wake_at is None) == (1, False)
    assert claim(run) is None


def test_who_was_replaced_writes_nothing_and_renews_nothing(run):
    stale = claim(run)
    expire()
    fresh = claim(run, "d")
    assert not runs.renew(stale, lease_seconds=30.0)
    assert not runs.finish(stale, OUTCOME)
    assert not Message.objects.exists()
    assert runs.finish(fresh, OUTCOME)


def test_who_slept_and_was_not_replaced_goes_on(run):
    claimed = claim(run)
    expire()
    assert take_due() == [run.pk]
    assert runs.renew(claimed, lease_seconds=30.0)
    assert claim(run, "d") is None
    assert runs.finish(claimed, OUTCOME)


def test_of_the_sleeper_and_the_one_that_replaces_it_one_brings_its_outcome(run):
    sleeper = claim(run)
    expire()

    def replace():
        fresh = claim(run, "d")
        return fresh is not None and runs.finish(fresh, OUTCOME)

    brought = Threads([lambda: runs.finish(sleeper, OUTCOME), replace]).run()
    assert sorted(brought) == [False, True]
    assert Message.objects.count() == 1


@pytest.mark.parametrize("status", ["cancelled", "completed"])
def test_nobody_wants_the_outcome_of_what_has_ended(run, status):
    claimed = claim(run)
    Execution.objects.update(status=status)
    assert not runs.renew(claimed, lease_seconds=30.0)
    assert not runs.finish(claimed, OUTCOME)
    run.refresh_from_db()
    assert (run.status, run.due_at, Message.objects.count()) == ("dropped", None, 0)


def test_the_outcome_for_a_failed_execution_waits_for_its_retry(run, execution):
    claimed = claim(run)
    Execution.objects.update(status="failed")
    assert runs.finish(claimed, OUTCOME)
    assert (reload(execution).wake_at, Message.objects.count()) == (None, 1)


def test_a_run_is_sent_at_once_then_after_longer_and_longer_unless_it_is_claimed(run):
    waits = []
    for _ in range(3):
        assert take_due() == [run.pk]
        assert take_due() == []
        waits.append(seconds_to_go(run))
        expire()
    assert waits == [pytest.approx(wait, abs=2.0) for wait in (60, 120, 240)]
    claim(run, lease_seconds=5.0)
    assert take_due() == []
    assert seconds_to_go(run) <= 5.0


def test_one_whose_worker_went_silent_is_sent_again(run):
    claim(run)
    expire()
    assert take_due() == [run.pk]
    assert claim(run, "d").epoch == 2


def test_what_could_not_be_sent_is_due_soon(run):
    take_due()
    runs.give_back([run.pk], delay_seconds=0.0)
    assert take_due() == [run.pk]
    assert seconds_to_go(run) == pytest.approx(60, abs=2.0)


def test_what_belongs_to_an_ended_execution_is_dropped_and_not_sent(run):
    Execution.objects.update(status="cancelled")
    assert take_due() == []
    run.refresh_from_db()
    assert (run.status, run.due_at) == ("dropped", None)
    assert claim(run) is None


def test_many_senders_never_take_the_same_run(execution):
    runs.add([(execution.pk, runs.Run(uuid.uuid4(), "heavy", n, 1)) for n in range(250)])
    taken = Threads([take_due for _ in range(4)]).run()
    ids = [id for batch in taken for id in batch]
    assert len(ids) == len(set(ids)) == 250


def test_looking_for_what_is_due_uses_its_index(run):
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("EXPLAIN " + runs.TAKE_DUE, {"limit": 1, "resend_seconds": 1.0, "longest": 1.0})
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
    assert "remote_run_due" in plan


def seconds_to_go(run) -> float:
    row = RemoteRun.objects.annotate(now=Now()).get(pk=run.pk)
    return (row.due_at - row.now).total_seconds()
