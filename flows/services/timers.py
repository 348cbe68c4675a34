"""What the clock does to interrupts. Everything else that waits for a time is the worker's (`wake_at`)."""

from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from flows import engine
from flows.live import hints
from flows.models import Interrupt, InterruptStatus
from flows.services import executions, interrupts
from flows.services.errors import Conflict, InvalidAnswer
from flows.store import answers, crash, doors


def expire(*, execution_id: UUID, key: str) -> bool:
    """Close the waiting interrupt of this key if its time is over, as its author said (`on_expire`).

    False when there is none, it is not over by PostgreSQL's clock, or somebody else was faster. Calls
    `interrupts.decide` for an answer, cancels the execution, or tells it to fail (ENGINE.md, pause_for).
    """
    waiting = Interrupt.objects.filter(
        execution_id=execution_id, key=key, status=InterruptStatus.WAITING, expires_at__lte=Now()
    )
    interrupt = waiting.first()
    if interrupt is None:
        return False
    try:
        if interrupt.on_expire not in (engine.CANCEL, engine.FAIL):
            answer = engine.restore_json(interrupt.on_expire)
            interrupts.decide(interrupt_id=interrupt.pk, answer=answer, door="timer")
            return True
    except Conflict:
        return False
    except InvalidAnswer:
        pass  # its form has changed its mind about the author's answer: then the chunk fails
    return _close(interrupt)


def _close(interrupt: Interrupt) -> bool:
    cancels = interrupt.on_expire == engine.CANCEL
    with transaction.atomic():
        doors.lock(interrupt.execution_id)
        if not answers.expire(interrupt_id=interrupt.pk, fails=not cancels):
            return False
        crash.after_commit("expire.committed")
        hints.after_commit(hints.topics_of(interrupt.execution_id, [interrupt.audience]), work=True)
        if cancels:
            reason = f"Nobody answered “{interrupt.title}” in time."
            executions.cancel(execution_id=interrupt.execution_id, reason=reason, door="timer")
    return True
