"""Events sent into a durable execution, and what they do to the questions that wait on them."""

from functools import partial

import pytest

from flows.models import Event, Execution, Interrupt, Message
from flows.services import errors, executions, interrupts
from tests.durable import Threads, reload, until, work, working
from tests.flows_for_tests import flows
from tests.flows_for_tests.flows import Gate

pytestmark = pytest.mark.django_db(transaction=True)


def paid(execution):
    return executions.state(reload(execution)).get("paid")


def test_an_event_starts_its_chains_and_closes_the_question():
    execution = executions.start(flow="listening", input=None)
    work()
    executions.emit(execution_id=execution.pk, event="Paid", value=5)
    assert Interrupt.objects.get().status == "cancelled"
    with pytest.raises(errors.AlreadyClosed, match="without this answer"):
        interrupts.decide(interrupt_id=Interrupt.objects.get().pk, answer="yes")
    work()
    assert paid(execution) == [5]


def test_an_event_before_the_first_chunk_is_kept():
    execution = executions.start(flow="listening", input=None)
    executions.emit(execution_id=execution.pk, event="Paid", value="early")
    work()
    assert paid(execution) == ["early"]
    assert Interrupt.objects.get().status == "waiting"  # it was asked after the event


def test_an_answer_before_the_event_counts_and_so_does_the_event():
    execution = executions.start(flow="listening", input=None)
    work()
    interrupts.decide(interrupt_id=Interrupt.objects.get().pk, answer="by hand")
    executions.emit(execution_id=execution.pk, event="Paid", value="by bank")
    work()
    assert paid(execution) == ["by hand", "by bank"]


def test_an_idle_execution_takes_events_until_it_closes_itself():
    execution = executions.start(flow="listening", input=None)
    work()
    executions.emit(execution_id=execution.pk, event="Paid", value=1)
    work()
    idle = reload(execution)
    assert (idle.status, idle.lease_owner) == ("running", None)
    executions.emit(execution_id=execution.pk, event="Paid", value=2)
    work()
    later = reload(execution)
    assert later.wake_at > idle.wake_at  # the time runs from zero again
    with working():
        until(lambda: reload(execution).status == "completed")
    assert (paid(execution), reload(execution).finished_at >= later.wake_at) == ([1, 2], True)
    with pytest.raises(errors.Conflict, match="completed"):
        executions.emit(execution_id=execution.pk, event="Paid", value=3)


def test_the_same_request_sends_it_once_also_when_all_has_ended():
    execution = executions.start(flow="listening", input=None)
    work()
    for _ in range(2):
        executions.emit(execution_id=execution.pk, event="Paid", value=5, request_id="p1")
    work()
    executions.emit(execution_id=execution.pk, event="Paid", value=5, request_id="p2")
    work()
    assert paid(execution) == [5, 5]
    executions.cancel(execution_id=execution.pk, reason="enough")
    executions.emit(execution_id=execution.pk, event="Paid", value=5, request_id="p1")
    assert Event.objects.filter(kind="execution.emitted").count() == 2


def test_a_request_that_says_something_else_the_second_time_is_refused(rita):
    execution = executions.start(flow="listening", input=None, by=rita)
    executions.emit(execution_id=execution.pk, event="Paid", value=5, request_id="p1", by=rita)
    for other in ({"value": 6}, {"event": "Sent"}, {"by": None}, {"value": True}):
        said = {"event": "Paid", "value": 5, "by": rita} | other
        with pytest.raises(errors.RequestReused):
            executions.emit(execution_id=execution.pk, request_id="p1", **said)
    another = executions.start(flow="listening", input=None)
    executions.emit(execution_id=another.pk, event="Paid", value=6, request_id="p1")
    assert Message.objects.count() == 2


def test_of_many_at_once_under_one_request_one_is_taken():
    execution = executions.start(flow="listening", input=None)
    send = partial(executions.emit, execution_id=execution.pk, event="Paid", value=5, request_id="p1")
    assert [sent.pk for sent in Threads([send] * 8).run()] == [execution.pk] * 8
    work()
    assert paid(execution) == [5]


@pytest.mark.parametrize(("event", "value"), [("$start", 1), ("", 1), (None, 1), ("Paid", float("nan"))])
def test_what_is_no_event_is_refused(event, value):
    execution = executions.start(flow="listening", input=None)
    with pytest.raises(errors.InvalidInput):
        executions.emit(execution_id=execution.pk, event=event, value=value)


def test_only_those_who_may_touch_an_execution_can_send_it_events(rita, fiona):
    execution = executions.start(flow="listening", input=None, by=rita)
    with pytest.raises(errors.NotFound):
        executions.emit(execution_id=execution.pk, event="Paid", by=fiona)
    executions.emit(execution_id=execution.pk, event="Paid", by=rita)


def test_an_answer_given_while_a_chunk_emits_the_same_event_is_not_lost():
    """The worker has the chunk's outcome in hand, not in the database, when the answer comes."""
    from flows.store import commits

    gate = flows.gates["emit"] = Gate()
    execution = executions.start(flow="emitting", input=None)
    with working():
        gate.wait_until_reached()
        until(lambda: Interrupt.objects.exists())
        real, answered = commits.commit, []

        def commit(batch, **options):
            if not answered and any(row.closed for row in batch):
                answered.append(interrupts.decide(interrupt_id=Interrupt.objects.get().pk, answer="by hand"))
            return real(batch, **options)

        commits.commit = commit
        try:
            gate.open.set()
            until(lambda: reload(execution).status == "completed")
        finally:
            commits.commit = real
    assert answered
    assert sorted(paid(execution)) == ["by hand", "by the chunk"]
    assert Interrupt.objects.get().status == "answered"


def test_one_chunk_at_a_time_where_the_author_said_so():
    first, second = flows.gates["first"], flows.gates["second"] = Gate(), Gate()
    execution = executions.start(flow="narrow", input=["first", "second"])
    with working(concurrency=4):
        first.wait_until_reached()
        assert not second.reached.acquire(timeout=0.3)
        first.open.set()
        second.wait_until_reached()
        second.open.set()
        until(lambda: reload(execution).status == "completed")


def test_a_branch_that_raises_is_skipped_where_the_author_said_so():
    execution = executions.start(flow="skipping", input=[1, 2, 3])
    work()
    assert (reload(execution).status, reload(execution).result) == ("completed", [1, None, 3])
    assert Execution.objects.filter(status="failed").count() == 0
