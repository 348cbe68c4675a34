"""What must hold of an execution after any fault: no half state."""

from flows.models import Event, Execution, Interrupt, Message, Response


def assert_answer_is_whole(interrupt: Interrupt) -> bool:
    """Everything of an answer is there or nothing is; whether it is."""
    interrupt.refresh_from_db()
    answered = interrupt.status == "answered"
    wanted = 1 if answered else 0
    assert Response.objects.filter(interrupt=interrupt).count() == wanted
    assert Event.objects.filter(interrupt=interrupt, kind="interrupt.answered").count() == wanted
    assert (interrupt.closed_at is not None) == answered
    execution = Execution.objects.get(pk=interrupt.execution_id)
    if not answered:
        assert not Message.objects.filter(execution=execution).exists()
    elif execution.status != "completed":
        assert execution.wake_at is not None
    return answered


def kinds(execution: Execution) -> list[str]:
    """What happened to it, in order."""
    return list(Event.objects.filter(execution=execution).order_by("id").values_list("kind", flat=True))


ONCE = ["execution.started", "interrupt.opened", "interrupt.answered", "execution.completed"]
