"""12. One terminal state: an execution that is cancelled while it completes ends as one of both."""

import pytest

from flows.models import Event, Execution, Interrupt
from flows.services import errors, executions, interrupts
from tests.durable import Threads, reload, until, work, working

pytestmark = pytest.mark.django_db(transaction=True)
EXECUTIONS = 20
ENDS = ("execution.completed", "execution.cancelled")


def test_cancelled_against_completed_leaves_one_of_both():
    for _ in range(EXECUTIONS):
        executions.start(flow="ask", input={})
    work()
    cancelled = set()
    with working():
        for interrupt in Interrupt.objects.all():
            race = Threads([lambda i=interrupt: answer(i), lambda i=interrupt: cancel(i)])
            _, won = race.run()
            if won is True:
                cancelled.add(interrupt.execution_id)
        until(lambda: not Execution.objects.exclude(status__in=("completed", "cancelled")).exists())
    for execution in Execution.objects.all():
        assert (execution.status == "cancelled") == (execution.pk in cancelled)
        assert Event.objects.filter(execution=execution, kind__in=ENDS).count() == 1


def answer(interrupt: Interrupt) -> bool:
    try:
        interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
    except errors.Conflict:
        return False
    until(lambda: reload(interrupt.execution).finished_at)
    return True


def cancel(interrupt: Interrupt) -> bool:
    """As soon as it is answered, so that the worker is at it."""
    while Interrupt.objects.get(pk=interrupt.pk).status == "waiting":
        pass
    try:
        executions.cancel(execution_id=interrupt.execution_id, reason="enough")
    except errors.Conflict:
        return False
    return True


@pytest.mark.parametrize("end", ["completed", "cancelled"])
def test_what_has_ended_takes_nothing_more(end):
    execution = executions.start(flow="ask", input={})
    work()
    interrupt = Interrupt.objects.get()
    if end == "completed":
        interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
        work()
    else:
        executions.cancel(execution_id=execution.pk, reason="enough")
    before = reload(execution)
    for late in (
        lambda: executions.cancel(execution_id=execution.pk, reason="again"),
        lambda: executions.retry(execution_id=execution.pk),
        lambda: executions.emit(execution_id=execution.pk, event="Go"),
        lambda: interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": False}),
    ):
        with pytest.raises(errors.Conflict):
            late()
    work()
    assert (reload(execution).status, reload(execution).epoch) == (end, before.epoch)
