"""What the commands print, as plain JSON."""

from datetime import datetime
from typing import Any

from flows import engine
from flows.models import Event, Execution, Interrupt


def execution_row(execution: Execution) -> dict[str, Any]:
    return {
        "id": str(execution.pk),
        "flow": execution.flow,
        "status": execution.status,
        "queue": execution.queue,
        "requester": execution.requester and execution.requester.get_username(),
        "input": engine.plain_json(execution.input),
        "result": engine.plain_json(execution.result),
        "error": execution.error,
        "created_at": _time(execution.created_at),
        "finished_at": _time(execution.finished_at),
    }


def interrupt_row(interrupt: Interrupt) -> dict[str, Any]:
    return {
        "id": str(interrupt.pk),
        "execution": str(interrupt.execution_id),
        "flow": interrupt.flow,
        "step": interrupt.step,
        "type": interrupt.type,
        "title": interrupt.title,
        "payload": engine.plain_json(interrupt.payload),
        "status": interrupt.status,
        "created_at": _time(interrupt.created_at),
        "closed_at": _time(interrupt.closed_at),
    }


def event_row(event: Event) -> dict[str, Any]:
    return {
        "at": _time(event.created_at),
        "kind": event.kind,
        "actor": event.actor and event.actor.get_username(),
        "door": event.door,
        "interrupt": event.interrupt_id and str(event.interrupt_id),
        "detail": engine.plain_json(event.detail),
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
