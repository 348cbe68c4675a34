"""LangChain's human in the loop, and the older interrupts of Agent Inbox.

In: {"action_requests": [{"name", "args", "description"}], "review_configs": [{"action_name",
"allowed_decisions", "args_schema"}]}; out: {"decisions": [{"type": "approve"} | {"type": "edit",
"edited_action": {"name", "args"}} | {"type": "reject", "message"}]}.

In: {"action_request": {"action", "args"}, "config": {"allow_accept", "allow_edit", "allow_ignore",
"allow_respond"}, "description"}, alone or in a list of one; out: [{"type": "accept" | "edit" | "ignore" |
"response", "args"}].
"""

from typing import Any

from django.utils.translation import gettext

from flows.services.calls import Decision
from flows.services.errors import InvalidAnswer, Problem
from flows.services.foreign.form import Foreign, titled, with_reason, without


def recognised(type: str, payload: Any) -> Foreign | None:
    if type != "approval":
        return None
    return _hitl(payload) or _agent_inbox(payload)


# -- action_requests ------------------------------------------------------------------------------
def _hitl(payload: Any) -> Foreign | None:
    requests = payload.get("action_requests") if isinstance(payload, dict) else None
    if not isinstance(requests, list) or not requests or not all(map(_is_request, requests)):
        return None
    configs = {config["action_name"]: config for config in _configs(payload.get("review_configs"))}
    proposed = [_proposed(r, configs.get(r["name"], {}), number) for number, r in enumerate(requests)]
    shown = {"title": titled([request["name"] for request in requests]), "proposed": proposed}
    rest = without(payload, "action_requests", "review_configs")
    return Foreign("LangChain", {**rest, **shown}, lambda value: _decisions(value, proposed), _is_yes)


def _is_request(request: Any) -> bool:
    return (
        isinstance(request, dict)
        and isinstance(request.get("name"), str)
        and isinstance(request.get("args", request.get("arguments")), dict)
    )


def _configs(given: Any) -> list[dict[str, Any]]:
    listed = given if isinstance(given, list) else []
    return [c for c in listed if isinstance(c, dict) and isinstance(c.get("action_name"), str)]


def _proposed(request: dict[str, Any], config: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "id": str(number),
        "name": request["name"],
        "args": request.get("args", request.get("arguments")),
        "description": request.get("description"),
        "args_schema": config.get("args_schema"),
        "allowed": config.get("allowed_decisions"),
    }


def _decisions(value: dict[str, Any], proposed: list[dict[str, Any]]) -> dict[str, Any]:
    if value["approved"]:
        return {"decisions": [_decision(call) for call in value["data"]["calls"]]}
    fixed = [c["name"] for c in proposed if isinstance(c["allowed"], list) and "reject" not in c["allowed"]]
    if fixed:
        told = gettext("“%(call)s” cannot be rejected. Approve it, or edit it.") % {"call": fixed[0]}
        raise InvalidAnswer([Problem((), told)])
    rejected = with_reason({"type": "reject"}, "message", value["comment"])
    return {"decisions": [dict(rejected) for _ in proposed]}


def _decision(call: dict[str, Any]) -> dict[str, Any]:
    if call["decision"] == Decision.EDIT:
        return {"type": "edit", "edited_action": {"name": call["name"], "args": call["args"]}}
    if call["decision"] == Decision.REJECT:
        return with_reason({"type": "reject"}, "message", call["comment"])
    return {"type": "approve"}


def _is_yes(answer: Any) -> bool:
    return any(decision["type"] != "reject" for decision in answer["decisions"])


# -- Agent Inbox ----------------------------------------------------------------------------------
def _agent_inbox(payload: Any) -> Foreign | None:
    asked = payload[0] if isinstance(payload, list) and len(payload) == 1 else payload
    request = asked.get("action_request") if isinstance(asked, dict) else None
    if not isinstance(request, dict) or not isinstance(request.get("action"), str):
        return None
    if not isinstance(request.get("args"), dict):
        return None
    config = asked["config"] if isinstance(asked.get("config"), dict) else {}
    flags = {Decision.APPROVE: "allow_accept", Decision.EDIT: "allow_edit"}
    allowed = [d.value for d, flag in flags.items() if config.get(flag)] + ["reject"]
    proposed = [{"id": "0", "name": request["action"], "args": request["args"], "allowed": allowed}]
    shown = {"title": titled([request["action"]]), "proposed": proposed}
    if isinstance(asked.get("description"), str):
        shown["body"] = asked["description"]
    rest = without(asked, "action_request", "config", "description")
    may_respond = bool(config.get("allow_respond"))
    return Foreign("Agent Inbox", {**rest, **shown}, lambda v: _reply(v, may_respond=may_respond), _accepts)


def _reply(value: dict[str, Any], *, may_respond: bool) -> list[dict[str, Any]]:
    call = value["data"]["calls"][0] if value["approved"] else {"decision": "reject", "comment": None}
    comment = call["comment"] or value["comment"]
    if call["decision"] == Decision.APPROVE:
        return [{"type": "accept", "args": None}]
    if call["decision"] == Decision.EDIT:
        return [{"type": "edit", "args": {"action": call["name"], "args": call["args"]}}]
    if comment and may_respond:
        return [{"type": "response", "args": comment}]
    return [{"type": "ignore", "args": None}]


def _accepts(answer: Any) -> bool:
    return answer[0]["type"] in ("accept", "edit")
