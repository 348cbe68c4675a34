"""The shape that an answer must have, and the value that the flow receives."""

from typing import Any

from django.utils.translation import gettext

from flows import engine
from flows.models import Interrupt
from flows.services.actions import APPROVE, REJECT, Action, own_actions
from flows.services.calls import decided
from flows.services.errors import InvalidAnswer, Problem
from flows.services.foreign import proposed, response_schema
from flows.services.schemas import problems_of

MAX_COMMENT = 10_000
MAX_TEXT = 100_000


def answer_schema(interrupt: Interrupt) -> Any:
    """JSON Schema 2020-12 of what `decide` takes as `answer` for this interrupt."""
    schema = response_schema(interrupt)
    if interrupt.type == "approval":
        return _approval_schema(schema, own_actions(interrupt))
    if schema is not None:
        return schema
    if interrupt.type == "human_input":
        return {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}
    return {}


def received(interrupt: Interrupt, answer: Any) -> Any:
    """`answer` as a flow of ours receives it, tagged JSON; raises InvalidAnswer with every problem.

    What other tools receive is made of it by `foreign.outgoing`.
    """
    try:
        tagged = engine.canonical_json(answer)
    except engine.NotJSON as error:
        raise InvalidAnswer.not_json(error) from None
    tagged, given = _without_calls(interrupt, tagged)
    if problems := problems_of(engine.plain_json(tagged), answer_schema(interrupt)):
        raise InvalidAnswer(problems)
    if interrupt.type != "approval":
        return tagged
    value = _approval(tagged, own_actions(interrupt))
    calls = proposed(interrupt)
    if calls and value["approved"]:
        value["data"] = {**value["data"], "calls": decided(calls, given)}
    return value


def _without_calls(interrupt: Interrupt, answer: Any) -> tuple[Any, Any]:
    """An answer without `data.calls`, and these: the author's schema is for all the rest."""
    data = answer.get("data") if isinstance(answer, dict) and proposed(interrupt) else None
    if not isinstance(data, dict) or "calls" not in data:
        return answer, None
    return {**answer, "data": {key: data[key] for key in data if key != "calls"}}, data["calls"]


def _approval(answer: dict[str, Any], actions: tuple[Action, ...]) -> dict[str, Any]:
    approved = answer["approved"]
    return {
        "approved": approved,
        "action": answer.get("action") or _implied(approved, actions),
        "comment": answer.get("comment") or None,
        "data": answer.get("data", {}) if approved else {},
    }


def _implied(approved: bool, actions: tuple[Action, ...]) -> str:
    """The action that was meant by `approved` alone; raises InvalidAnswer when it could be several."""
    meant = [action.id for action in actions if action.approved is approved]
    if len(meant) > 1:
        raise InvalidAnswer(
            [Problem(("action",), gettext("Say which: %(actions)s.") % {"actions": ", ".join(meant)})]
        )
    return meant[0] if meant else APPROVE if approved else REJECT


def _approval_schema(data: Any, actions: tuple[Action, ...]) -> dict[str, Any]:
    """`data` is judged only when approved: whoever rejects need not fill in the form."""
    positive = [action.id for action in actions if action.approved] or [APPROVE]
    negative = [action.id for action in actions if not action.approved] or [REJECT]
    approved: dict[str, Any] = {"properties": {"data": _embedded(data), "action": {"enum": positive}}}
    if data is not None:
        approved["required"] = ["data"]
    return {
        "type": "object",
        "properties": {
            "approved": {"type": "boolean"},
            "action": {"enum": [*positive, *negative]},
            "comment": {"type": ["string", "null"], "maxLength": MAX_COMMENT},
            "data": {"type": "object"},
        },
        "required": ["approved"],
        "additionalProperties": False,
        "if": {"properties": {"approved": {"const": True}}, "required": ["approved"]},
        "then": approved,
        "else": {"properties": {"action": {"enum": negative}}},
    }


def _embedded(schema: Any) -> Any:
    """`schema` inside another: an id of its own keeps its "#/$defs/…" references pointing into itself."""
    if not isinstance(schema, dict):
        return True if schema is None else schema
    return {"$id": "urn:flows:data", **schema}
