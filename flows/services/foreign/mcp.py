"""MCP elicitation.

In: {"message", "requestedSchema"}; out: {"action": "accept", "content"} or {"action": "decline"}.
"""

from typing import Any

from flows.services.foreign.form import Foreign, without
from flows.services.schemas import mistake_in


def recognised(type: str, payload: Any) -> Foreign | None:
    if type not in ("approval", "human_input") or not isinstance(payload, dict):
        return None
    message, schema = payload.get("message"), payload.get("requestedSchema")
    if not isinstance(message, str) or not isinstance(schema, dict) or schema.get("type") != "object":
        return None
    if mistake_in(schema):
        return None
    shown = {"question": message, **without(payload, "message", "requestedSchema", "mode")}
    outgoing = _decided if type == "approval" else _accepted
    return Foreign("MCP", shown, outgoing, lambda answer: answer["action"] == "accept", schema)


def _accepted(content: Any) -> dict[str, Any]:
    return {"action": "accept", "content": content}


def _decided(value: dict[str, Any]) -> dict[str, Any]:
    return _accepted(value["data"]) if value["approved"] else {"action": "decline"}
