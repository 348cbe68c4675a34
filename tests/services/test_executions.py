"""Starting, retrying and cancelling."""

import pytest

from flows.models import Event, Execution, Interrupt
from flows.services import errors, executions, interrupts
from tests.durable import Threads, ask, reload, work
from tests.flows_for_tests import flows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def failed(rita) -> Execution:
    """Failed at "keep", after its question was answered."""
    interrupt = ask(rita)
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
    flows.broken.add("keep")
    try:
        work()
    finally:
        flows.broken.clear()
    return reload(interrupt.execution)


def test_a_started_execution_is_due_and_in_the_history(rita):
    execution = executions.start(flow="ask", input={"type": "approval"}, by=rita, door="browser")
    assert (execution.status, execution.requester, execution.input) == ("created", rita, {"type": "approval"})
    assert execution.wake_at is not None
    assert [(e.kind, e.actor, e.door) for e in Event.objects.all()] == [
        ("execution.started", rita, "browser")
    ]


def test_an_unknown_flow_names_the_known_ones():
    with pytest.raises(errors.UnknownFlow) as refusal:
        executions.start(flow="nope", input=None)
    assert "ask" in refusal.value.known


def test_an_input_that_does_not_fit_says_where(fiona):
    with pytest.raises(errors.InvalidInput) as refusal:
        executions.start(flow="plain", input={"amount": "x", "more": 1}, by=fiona)
    assert {problem.path for problem in refusal.value.problems} == {("amount",), ("more",)}
    assert not Execution.objects.exists()


@pytest.mark.parametrize("value", ["\0", "\ud800", float("inf"), {"a": object()}])
def test_an_input_that_json_cannot_carry_is_refused(value):
    with pytest.raises(errors.InvalidInput):
        executions.start(flow="ask", input=value)


def test_only_members_of_its_groups_may_start_a_flow(fiona, leo, admin):
    with pytest.raises(errors.NotAllowed, match="Finance"):
        executions.start(flow="plain", input={"amount": 1}, by=leo)
    assert executions.start(flow="plain", input={"amount": 1}, by=fiona)
    assert executions.start(flow="plain", input={"amount": 1}, by=admin)


def test_a_repeated_request_gets_the_first_execution(rita, leo):
    once = {"flow": "ask", "input": {"payload": {"a": 1, "b": 2}}, "request_id": "r"}
    first = executions.start(**once, by=rita)
    assert executions.start(**once, by=rita) == first
    for other in ({"input": {"payload": {"a": 1.0, "b": 2}}}, {"flow": "pair"}):
        with pytest.raises(errors.RequestReused):
            executions.start(**once | other, by=rita)
    with pytest.raises(errors.RequestReused):
        executions.start(**once, by=leo)


def test_a_failed_execution_shows_its_error_and_keeps_the_answer(failed):
    assert failed.status == "failed"
    assert failed.error["step"] == "ask/keep"
    assert (failed.error["type"], failed.error["message"]) == ("RuntimeError", "The ledger is closed")
    assert 'raise RuntimeError("The ledger is closed")' in failed.error["traceback"]
    assert "flows/worker" not in failed.error["traceback"]
    stages = {step.label: step.status for step in executions.progress(failed)}
    assert stages == {"ask": "done", "keep": "failed"}


def test_a_retry_goes_on_where_it_failed(failed, rita):
    executions.retry(execution_id=failed.pk, by=rita)
    work()
    done = reload(failed)
    assert (done.status, done.error, done.result["approved"]) == ("completed", None, True)
    assert Interrupt.objects.count() == 1


def test_only_what_failed_can_be_retried_and_only_once(failed, rita):
    executions.retry(execution_id=failed.pk, by=rita)
    with pytest.raises(errors.Conflict):
        executions.retry(execution_id=failed.pk, by=rita)


def test_what_one_does_not_know_of_cannot_be_touched(failed, stranger, fiona):
    for change in (executions.retry, lambda **a: executions.cancel(reason="", **a)):
        with pytest.raises(errors.NotFound):
            change(execution_id=failed.pk, by=stranger)
        with pytest.raises(errors.NotAllowed):
            change(execution_id=failed.pk, by=fiona)


def test_cancelling_withdraws_the_questions(rita, fiona):
    interrupt = ask(rita)
    executions.cancel(execution_id=interrupt.execution_id, reason="Not needed.", by=rita)
    assert reload(interrupt.execution).status == "cancelled"
    assert not interrupts.open_for(fiona).exists()
    with pytest.raises(errors.AlreadyClosed, match="Not needed"):
        interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True}, by=fiona)
    kinds = list(Event.objects.order_by("id").values_list("kind", flat=True))
    assert sorted(kinds[-2:]) == ["execution.cancelled", "interrupt.closed"]
    with pytest.raises(errors.Conflict):
        executions.cancel(execution_id=interrupt.execution_id, reason="", by=rita)


def test_progress_and_state_follow_the_execution(rita):
    interrupt = ask(rita)
    assert [step.status for step in executions.progress(interrupt.execution)] == ["waiting", "todo"]
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
    assert [step.status for step in executions.progress(reload(interrupt.execution))] == ["running", "todo"]
    work()
    execution = reload(interrupt.execution)
    assert [step.status for step in executions.progress(execution)] == ["done", "done"]
    assert executions.state(execution)["answer"]["approved"] is True


def test_what_is_removed_meanwhile_is_not_found(monkeypatch):
    """Pruning may come between the look at a thing and the lock on it."""
    from flows.services import pruning
    from flows.store import doors

    lock = doors.lock
    interrupt = ask()
    executions.cancel(execution_id=interrupt.execution_id, reason="done")

    Execution.objects.filter(pk=interrupt.execution_id).update(finished_at="2000-01-01T00:00Z")

    def prune_first(execution_id):
        assert Threads([lambda: list(pruning.remove_old(seconds=60))]).run() == [[1]]
        lock(execution_id)

    monkeypatch.setattr(doors, "lock", prune_first)
    with pytest.raises(errors.NotFound):
        executions.retry(execution_id=interrupt.execution_id)
