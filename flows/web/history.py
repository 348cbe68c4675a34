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
    EventKind.INTERRUPT_UNDONE: ("rotate-ccw", ""),
    EventKind.INTERRUPT_EXPIRED: ("clock", ""),
    EventKind.INTERRUPT_OVERDUE: ("flag", ""),
    EventKind.INTERRUPT_REMINDED: ("clock", ""),
    EventKind.INTERRUPT_SUSPENDED: ("circle-pause", ""),
    EventKind.INTERRUPT_RESTORED: ("circle-question-mark", ""),
    EventKind.ANSWER_REFUSED: ("circle-alert", "bad"),
    EventKind.INTERRUPT_CLOSED: ("circle", ""),
}
SAID = {
    EventKind.INTERRUPT_OPENED: "Asked",
    EventKind.INTERRUPT_CLOSED: "Withdrew",
    EventKind.ANSWER_REFUSED: "Refused an early answer to",
    EventKind.INTERRUPT_REMINDED: "Reminded of",
    EventKind.INTERRUPT_OVERDUE: "Nobody answered in time:",
    EventKind.INTERRUPT_EXPIRED: "The time was over for",
    EventKind.INTERRUPT_SUSPENDED: "The flow failed, so this is on hold:",
    EventKind.INTERRUPT_RESTORED: "The flow was retried, so this waits again:",
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
    about = about_execution(event.kind, who, detail) or about_question(event.kind, capital(who), detail)
    known = about or SAID.get(event.kind) or str(event.kind)  # type: ignore[call-overload]
    return f"{known} {title}{because(detail) if title else ''}".strip()


def about_execution(kind: str, who: str, detail: dict[str, Any]) -> str:
    match kind:
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
        case EventKind.EXECUTION_EMITTED:
            return f"{capital(who)} sent the event “{detail.get('event', '')}”"
    return ""


def about_question(kind: str, who: str, detail: dict[str, Any]) -> str:
    match kind:
        case EventKind.INTERRUPT_ANSWERED:
            return f"{who} {verb(detail.get('value'))}"
        case EventKind.INTERRUPT_UNDONE:
            return f"{who} took back the answer to"
    return ""


def capital(name: str) -> str:
    return name[:1].upper() + name[1:]


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
