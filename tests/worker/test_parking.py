"""16. Changed code resumes or parks: flows and snapshots are changed under a waiting execution. What
cannot run is set aside with a reason, can be retried, and is in nobody's way."""

import json

import pytest

from flows import registry
from flows.models import Event, Execution, Interrupt
from flows.services import errors, executions, interrupts
from flows.worker import Dispatcher
from tests.durable import ask, reload, work
from tests.flows_for_tests import flows

pytestmark = pytest.mark.django_db(transaction=True)


def wake(execution, **changes):
    from django.db.models.functions import Now

    Execution.objects.filter(pk=execution.pk).update(wake_at=Now(), **changes)


def test_an_unknown_flow_is_set_aside_and_others_go_on():
    lost, fine = (executions.start(flow="ask", input={}) for _ in range(2))
    Execution.objects.filter(pk=lost.pk).update(flow="gone")
    work()
    assert reload(fine).status == "waiting"
    parked = reload(lost)
    assert (parked.status, parked.wake_at, parked.error["type"]) == ("failed", None, "UnknownFlow")
    assert "gone" in parked.error["message"]
    assert Event.objects.filter(execution=lost, kind="execution.failed").count() == 1


def test_it_goes_on_after_a_retry_once_its_flow_is_there():
    execution = executions.start(flow="ask", input={})
    Execution.objects.update(flow="gone")
    work()
    Execution.objects.update(flow="ask")
    executions.retry(execution_id=execution.pk)
    work()
    assert (reload(execution).status, reload(execution).error) == ("waiting", None)


@pytest.mark.parametrize(
    "snapshot", ["", "{", "[]", "null", "{}", '{"format": 99}', '{"format": 1, "flow": "ask"}']
)
def test_a_snapshot_that_cannot_be_read_is_set_aside(snapshot):
    execution = ask().execution
    wake(execution, snapshot=snapshot)
    work()
    parked = reload(execution)
    assert (parked.status, parked.wake_at, parked.snapshot) == ("failed", None, snapshot)
    assert parked.error["message"]


def test_steps_that_are_gone_are_named():
    execution = ask().execution
    snapshot = json.loads(reload(execution).snapshot)
    snapshot["interrupts"][0]["step"] = "renamed"
    wake(execution, snapshot=json.dumps(snapshot))
    work()
    assert reload(execution).error["type"] == "NeedsMigration"
    assert "renamed" in reload(execution).error["message"]


def test_an_answer_given_before_it_is_set_aside_is_applied_after_the_retry():
    interrupt = ask()
    good = reload(interrupt.execution).snapshot
    wake(interrupt.execution, snapshot="broken")
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
    work()
    assert reload(interrupt.execution).wake_at is None  # or what kills its worker would run again
    assert work().counts.claimed == 0
    Execution.objects.update(snapshot=good)
    executions.retry(execution_id=interrupt.execution_id)
    work()
    assert reload(interrupt.execution).status == "completed"


def test_its_questions_are_on_hold_until_the_retry():
    interrupt = ask()
    good = reload(interrupt.execution).snapshot
    wake(interrupt.execution, snapshot="broken")
    work()
    assert not interrupts.open_for(None).exists()
    with pytest.raises(errors.OnHold):
        interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
    Execution.objects.update(snapshot=good)
    executions.retry(execution_id=interrupt.execution_id)
    assert interrupts.open_for(None).get() == interrupt
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
    work()
    assert reload(interrupt.execution).status == "completed"
    kinds = [event.kind for event in interrupt.events.order_by("id")]
    assert kinds == [f"interrupt.{what}" for what in ("opened", "suspended", "restored", "answered")]


def test_what_kills_its_workers_is_set_aside_until_a_retry(settings):
    settings.FLOWS_MAX_CLAIMS = 3
    poison, fine = (executions.start(flow="ask", input={}) for _ in range(2))
    wake(poison, claims=3)
    work()
    assert reload(fine).status == "waiting"
    parked = reload(poison)
    assert (parked.status, parked.error["type"]) == ("failed", "WorkerLost")
    wake(poison)
    work()
    assert reload(poison).status == "failed"
    executions.retry(execution_id=poison.pk)
    work()
    assert reload(poison).status == "waiting"


def test_claims_without_progress_are_counted():
    execution = executions.start(flow="ask", input={})
    for _ in range(2):
        Dispatcher()._claiming.claim(1)
        wake(execution, lease_until=None)
    assert reload(execution).claims == 2
    work()
    assert reload(execution).claims == 0


def test_what_the_database_refuses_is_set_aside_alone(monkeypatch):
    """Two in one batch, one of them with a row that no table takes."""
    from flows.worker import record

    row = record.opened
    bad, fine = (executions.start(flow="ask", input={"interrupt_id": name}) for name in ("bad", "fine"))

    def damaged(interrupt, **of):
        opened = row(interrupt, **of)
        if interrupt.id == "bad":
            object.__setattr__(opened, "excluded_id", -1)  # no such person
        return opened

    monkeypatch.setattr(record, "opened", damaged)
    work()
    assert reload(fine).status == "waiting"
    assert reload(bad).error["type"] == "CommitRefused"
    assert Interrupt.objects.count() == 1


def test_a_response_schema_that_cannot_judge_fails_the_chunk_that_gave_it():
    execution = executions.start(flow="ask", input={"response_schema": {"pattern": "("}})
    work()
    failed = reload(execution)
    assert (failed.status, failed.error["step"], failed.error["type"]) == ("failed", "ask", "BadQuestion")


def test_a_chunk_that_would_end_its_thread_only_fails(monkeypatch):
    step = registry.get("ask").flow.definition.steps["ask"]

    def leave(data):
        raise SystemExit(3)

    monkeypatch.setattr(step.chunk, "function", leave)
    execution = executions.start(flow="ask", input={})
    work()
    assert reload(execution).status == "failed"
    assert "SystemExit" in reload(execution).error["message"]
    assert flows.broken == set()


def suspects(count):
    """Executions that were claimed so often without progress that one more time makes them suspicious."""
    found = [executions.start(flow="ask", input={}) for _ in range(count)]
    for suspect in found:
        wake(suspect, claims=2)
    return found


def test_those_that_may_kill_their_worker_run_one_at_a_time():
    waiting = suspects(4)
    fresh = executions.start(flow="ask", input={})
    dispatcher = Dispatcher()
    for _ in range(2):
        dispatcher._claiming.claim(16)
    assert sorted(reload(suspect).claims for suspect in waiting) == [2, 2, 2, 3]
    assert (reload(fresh).claims, len(dispatcher._holds)) == (1, 2)
    assert not dispatcher._claiming.look


def test_suspects_follow_one_another_at_once():
    """None has to be looked for again, or to wait until that is done."""
    waiting = suspects(9)
    fresh = executions.start(flow="ask", input={})
    work()
    assert Execution.objects.filter(status="waiting", claims=0).count() == 10
    assert [reload(one).epoch for one in (*waiting, fresh)] == [2] * 10  # one claim, one commit


def test_suspects_at_the_head_hide_nobody_behind_them():
    suspects(5)
    fresh = executions.start(flow="ask", input={})
    dispatcher = Dispatcher()
    dispatcher._claiming.claim(2)
    assert (dispatcher._claiming.look, reload(fresh).claims) == (True, 0)
    dispatcher._claiming.claim(2)
    assert reload(fresh).claims == 1


def test_a_suspect_that_lives_on_does_not_keep_the_others_waiting():
    suspects(2)
    dispatcher = Dispatcher()
    for held in (1, 1):
        dispatcher._claiming.claim(16)
        assert len(dispatcher._holds) == held
    dispatcher._claiming._suspect_until = 0  # it has lived as long as a lease
    assert dispatcher._claiming.look
    dispatcher._claiming.claim(16)
    assert len(dispatcher._holds) == 2
