"""OpenAI's approval of tools on MCP servers (Responses API).

In: {"type": "mcp_approval_request", "id", "name", "arguments", "server_label"}, one or a list of them; out:
{"type": "mcp_approval_response", "approval_request_id", "approve", "reason"}, one or a list.
"""

import json
from typing import Any

from flows.services.calls import Decision
from flows.services.foreign.form import Foreign, titled, with_reason

ALLOWED = [Decision.APPROVE.value, Decision.REJECT.value]


def recognised(type: str, payload: Any) -> Foreign | None:
    requests = payload if isinstance(payload, list) else [payload]
    if type != "approval" or not requests or not all(map(_is_request, requests)):
        return None
    proposed = [_proposed(request) for request in requests]
    if any(call is None for call in proposed):
        return None
    servers = {request["server_label"]: None for request in requests if request.get("server_label")}
    shown: dict[str, Any] = {"title": titled([request["name"] for request in requests]), "proposed": proposed}
    if servers:
        shown["facts"] = [{"label": "Server", "value": ", ".join(map(str, servers))}]
    ids, is_list = [request["id"] for request in requests], isinstance(payload, list)
    return Foreign("OpenAI", shown, lambda value: _responses(value, ids, is_list=is_list), _is_yes)


def _is_request(request: Any) -> bool:
    return (
        isinstance(request, dict)
        and request.get("type") == "mcp_approval_request"
        and all(isinstance(request.get(key), str) for key in ("id", "name", "arguments"))
    )


def _proposed(request: dict[str, Any]) -> dict[str, Any] | None:
    """`arguments` is JSON as text; None when it is not."""
    try:
        args = json.loads(request["arguments"] or "{}")
    except (ValueError, RecursionError):
        return None
    if not isinstance(args, dict):
        return None
    return {"id": request["id"], "name": request["name"], "args": args, "allowed": ALLOWED}


def _responses(value: dict[str, Any], ids: list[str], *, is_list: bool) -> Any:
    if value["approved"]:
        found = [_response(call["id"], call["decision"], call["comment"]) for call in value["data"]["calls"]]
    else:
        found = [_response(id, Decision.REJECT, value["comment"]) for id in ids]
    return found if is_list else found[0]


def _response(id: str, decision: str, comment: Any) -> dict[str, Any]:
    approve = decision == Decision.APPROVE
    answer = {"type": "mcp_approval_response", "approval_request_id": id, "approve": approve}
    return with_reason(answer, "reason", comment)


def _is_yes(answer: Any) -> bool:
    return any(one["approve"] for one in (answer if isinstance(answer, list) else [answer]))
