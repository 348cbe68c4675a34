"""What a question lets people do: the payload's own `actions`, else Approve and Reject."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext, gettext_noop

from flows import engine
from flows.models import Interrupt

APPROVE, REJECT = "approve", "reject"
DECLINING = (REJECT, "deny", "decline")
MOST_REASONS = 12


class Reason(StrEnum):
    """Whether an action takes a reason, i.e. the comment of the answer."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Action:
    """One way to decide. `reasons` are presets for the comment; a destructive action is confirmed first,
    by typing `confirm` where there is one."""

    id: str
    label: str
    approved: bool
    style: str = ""
    reason: Reason = Reason.OPTIONAL
    reasons: tuple[str, ...] = ()
    confirm: str = ""

    @property
    def is_destructive(self) -> bool:
        return self.style == "destructive"


USUAL = (
    Action(REJECT, gettext_noop("Reject"), False, "danger"),
    Action(APPROVE, gettext_noop("Approve"), True, "primary"),
)


def actions_of(interrupt: Interrupt) -> tuple[Action, ...]:
    """The actions of an approval as its author lists them; without any, Reject and Approve in the language of
    who asks."""
    return own_actions(interrupt) or tuple(replace(usual, label=gettext(usual.label)) for usual in USUAL)


def own_actions(interrupt: Interrupt) -> tuple[Action, ...]:
    """Those of the payload; () when it names none. What cannot be understood in one is left out."""
    payload = interrupt.payload if isinstance(interrupt.payload, dict) else {}
    listed = engine.plain_json(payload.get("actions"))
    found = [_action(given) for given in listed] if isinstance(listed, list) else []
    return tuple({action.id: action for action in found if action}.values())


def _action(given: Any) -> Action | None:
    if not isinstance(given, dict) or not isinstance(id := given.get("id"), str) or not id:
        return None
    style = _text(given, "style")
    approved = given.get("approved")
    reason = given.get("reason")
    return Action(
        id=id,
        label=_text(given, "label") or id.replace("_", " ").capitalize(),
        approved=approved if isinstance(approved, bool) else id not in DECLINING and style != "danger",
        style=style,
        reason=Reason(reason) if reason in list(Reason) else Reason.OPTIONAL,
        reasons=_texts(given.get("reasons")),
        confirm=_text(given, "confirm"),
    )


def _text(given: dict[str, Any], key: str) -> str:
    value = given.get(key)
    return value.strip() if isinstance(value, str) else ""


def _texts(values: Any) -> tuple[str, ...]:
    listed = values if isinstance(values, list) else []
    texts = [value.strip() for value in listed if isinstance(value, str) and value.strip()]
    return tuple(dict.fromkeys(texts))[:MOST_REASONS]
