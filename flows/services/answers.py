"""The shape that an answer must have, and the value that the flow receives."""

from typing import Any

from flows import engine
from flows.models import Interrupt
from flows.services.errors import InvalidAnswer
from flows.services.schemas import problems_of

MAX_COMMENT = 10_000
MAX_TEXT = 100_000
APPROVE, REJECT = "approve", "reject"


def answer_schema(interrupt: Interrupt) -> Any:
    """JSON Schema 2020-12 of what `decide` takes as `answer` for this interrupt."""
    schema = engine.plain_json(interrupt.response_schema)
    if interrupt.type == "approval":
        return _approval_schema(schema, action_ids(interrupt))
    if schema is not None:
        return schema
    if interrupt.type == "human_input":
        return {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}
    return {}


def action_ids(interrupt: Interrupt) -> list[str]:
    """The ids of the payload's own actions; [] when Approve and Reject are all there is."""
    actions = interrupt.payload.get("actions") if isinstance(interrupt.payload, dict) else None
    listed = actions if isinstance(actions, list) else []
    return [a["id"] for a in listed if isinstance(a, dict) and isinstance(a.get("id"), str)]


def received(interrupt: Interrupt, answer: Any) -> Any:
    """`answer` as the flow receives it, tagged JSON; raises InvalidAnswer with every problem."""
    try:
        tagged = engine.canonical_json(answer)
    except engine.NotJSON as error:
        raise InvalidAnswer.not_json(error) from None
    if problems := problems_of(engine.plain_json(tagged), answer_schema(interrupt)):
        raise InvalidAnswer(problems)
    return _approval(tagged) if interrupt.type == "approval" else tagged


def _approval(answer: dict[str, Any]) -> dict[str, Any]:
    approved = answer["approved"]
    return {
        "approved": approved,
        "action": answer.get("action") or (APPROVE if approved else REJECT),
        "comment": answer.get("comment") or None,
        "data": answer.get("data", {}) if approved else {},
    }


def _approval_schema(data: Any, actions: list[str]) -> dict[str, Any]:
    """`data` is judged only when approved: whoever rejects need not fill in the form."""
    approved: dict[str, Any] = {"properties": {"data": _embedded(data)}}
    if data is not None:
        approved["required"] = ["data"]
    if not actions:
        approved["properties"]["action"] = {"const": APPROVE}
    return {
        "type": "object",
        "properties": {
            "approved": {"type": "boolean"},
            "action": {"enum": actions or [APPROVE, REJECT]},
            "comment": {"type": ["string", "null"], "maxLength": MAX_COMMENT},
            "data": {"type": "object"},
        },
        "required": ["approved"],
        "additionalProperties": False,
        "if": {"properties": {"approved": {"const": True}}, "required": ["approved"]},
        "then": approved,
        "else": {} if actions else {"properties": {"action": {"const": REJECT}}},
    }


def _embedded(schema: Any) -> Any:
    """`schema` inside another: an id of its own keeps its "#/$defs/…" references pointing into itself."""
    if not isinstance(schema, dict):
        return True if schema is None else schema
    return {"$id": "urn:flows:data", **schema}
