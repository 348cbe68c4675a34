"""What happened, in sentences."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flows import engine
from flows.models import Event, EventKind
from flows.services.people import name_of

LOOKS = {
    EventKind.EXECUTION_STARTED: ("play", "accent"),
    EventKind.EXECUTION_REPORTED: ("circle", ""),
    EventKind.EXECUTION_COMPLETED: ("circle-check", "good"),
    EventKind.EXECUTION_FAILED: ("circle-x", "bad"),
    EventKind.EXECUTION_RETRIED: ("rotate-ccw", ""),
    EventKind.EXECUTION_CANCELLED: ("ban", ""),
    EventKind.INTERRUPT_OPENED: ("circle-question-mark", ""),
    EventKind.INTERRUPT_ANSWERED: ("message-square-text", "accent"),
    EventKind.INTERRUPT_CLOSED: ("circle", ""),
}


@dataclass(frozen=True, slots=True)
class Entry:
    icon: str
    tone: str
    sentence: str
    door: str
    at: datetime


def entry(event: Event) -> Entry:
    icon, tone = LOOKS.get(event.kind, ("circle", ""))  # type: ignore[call-overload]
    return Entry(icon, tone, sentence(event), event.door, event.created_at)


def sentence(event: Event) -> str:
    who, detail = name_of(event.actor), event.detail if isinstance(event.detail, dict) else {}
    title = f"“{event.interrupt.title}”" if event.interrupt else ""
    match event.kind:
        case EventKind.EXECUTION_STARTED:
            return f"Started by {who}"
        case EventKind.EXECUTION_REPORTED:
            return f"Reported {reported(detail.get('item'))}"
        case EventKind.EXECUTION_COMPLETED:
            return "Completed"
        case EventKind.EXECUTION_FAILED:
            return f"Failed{at_step(detail)}"
        case EventKind.EXECUTION_RETRIED:
            return f"Retried by {who}"
        case EventKind.EXECUTION_CANCELLED:
            return f"Cancelled by {who}{because(detail)}"
        case EventKind.INTERRUPT_OPENED:
            return f"Asked {title}"
        case EventKind.INTERRUPT_ANSWERED:
            return f"{who[:1].upper()}{who[1:]} {verb(detail.get('value'))} {title}"
        case EventKind.INTERRUPT_CLOSED:
            return f"Withdrew {title}{because(detail)}"
    return str(event.kind)


def verb(value: Any) -> str:
    if isinstance(value, dict) and isinstance(value.get("approved"), bool):
        return "approved" if value["approved"] else "rejected"
    return "answered"


def reported(item: Any) -> str:
    text = item if isinstance(item, str) else engine.dump_json(engine.plain_json(item))
    return f"“{text[:300]}”"


def at_step(detail: dict[str, Any]) -> str:
    step, message = detail.get("step"), detail.get("message")
    return f"{f' at {step}' if step else ''}{f': {message}' if message else ''}"


def because(detail: dict[str, Any]) -> str:
    return f": {detail['reason']}" if detail.get("reason") else ""
