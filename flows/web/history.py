"""What happened, in sentences."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, gettext_noop

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
SAID: dict[str, str] = {
    EventKind.INTERRUPT_OPENED: gettext_noop("Asked %(title)s%(because)s"),
    EventKind.INTERRUPT_CLOSED: gettext_noop("Withdrew %(title)s%(because)s"),
    EventKind.ANSWER_REFUSED: gettext_noop("Refused an early answer to %(title)s%(because)s"),
    EventKind.INTERRUPT_REMINDED: gettext_noop("Reminded of %(title)s%(because)s"),
    EventKind.INTERRUPT_OVERDUE: gettext_noop("Nobody answered in time: %(title)s%(because)s"),
    EventKind.INTERRUPT_EXPIRED: gettext_noop("The time was over for %(title)s%(because)s"),
    EventKind.INTERRUPT_SUSPENDED: gettext_noop("The flow failed, so this is on hold: %(title)s%(because)s"),
    EventKind.INTERRUPT_RESTORED: gettext_noop(
        "The flow was retried, so this waits again: %(title)s%(because)s"
    ),
}
APPROVED = gettext_noop("%(who)s approved %(title)s%(because)s")
REJECTED = gettext_noop("%(who)s rejected %(title)s%(because)s")
ANSWERED = gettext_noop("%(who)s answered %(title)s%(because)s")


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
    detail = event.detail if isinstance(event.detail, dict) else {}
    title = f"“{event.interrupt.title}”" if event.interrupt else ""
    facts = {"who": name_of(event.actor), "title": title, "because": because(detail) if title else ""}
    told = about_execution(event.kind, facts["who"], detail) or about_question(event.kind, facts, detail)
    return capital(told or f"{event.kind} {title}").strip()


def about_execution(kind: str, who: str, detail: dict[str, Any]) -> str:
    match kind:
        case EventKind.EXECUTION_STARTED:
            return gettext("Started by %(who)s") % {"who": who}
        case EventKind.EXECUTION_REPORTED:
            return gettext("Reported %(what)s") % {"what": reported(detail.get("item"))}
        case EventKind.EXECUTION_COMPLETED:
            return gettext("Completed")
        case EventKind.EXECUTION_FAILED:
            return failed(detail)
        case EventKind.EXECUTION_RETRIED:
            return gettext("Retried by %(who)s") % {"who": who}
        case EventKind.EXECUTION_CANCELLED:
            return gettext("Cancelled by %(who)s") % {"who": who} + because(detail)
        case EventKind.EXECUTION_EMITTED:
            known = {"who": who, "event": detail.get("event", "")}
            return gettext("%(who)s sent the event “%(event)s”") % known
    return ""


def about_question(kind: str, facts: dict[str, str], detail: dict[str, Any]) -> str:
    match kind:
        case EventKind.INTERRUPT_ANSWERED:
            return gettext(verdict(detail.get("value"))) % facts
        case EventKind.INTERRUPT_UNDONE:
            return gettext("%(who)s took back the answer to %(title)s%(because)s") % facts
    return gettext(SAID[kind]) % facts if kind in SAID else ""


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def verdict(value: Any) -> str:
    if isinstance(value, dict) and isinstance(value.get("approved"), bool):
        return APPROVED if value["approved"] else REJECTED
    return ANSWERED


def reported(item: Any) -> str:
    text = item if isinstance(item, str) else engine.dump_json(engine.plain_json(item))
    return f"“{text[:300]}”"


def failed(detail: dict[str, Any]) -> str:
    step, message = detail.get("step"), detail.get("message")
    said = gettext("Failed at %(step)s") % {"step": step} if step else gettext("Failed")
    return f"{said}: {message}" if message else said


def because(detail: dict[str, Any]) -> str:
    return f": {detail['reason']}" if detail.get("reason") else ""
