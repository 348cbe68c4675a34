"""Airflow's required actions (`HITLOperator`, `ApprovalOperator`).

In: {"subject", "options", "body", "defaults", "multiple", "params"}; out: {"chosen_options", "params_input"}.
As an approval only with the options Approve and Reject, as a human_input with any.
"""

from typing import Any

from flows.services.foreign.form import Foreign, without
from flows.services.schemas import mistake_in

KNOWN = ("subject", "options", "defaults", "multiple", "params")
YES_OR_NO = {"Approve", "Reject"}


def recognised(type: str, payload: Any) -> Foreign | None:
    if not isinstance(payload, dict) or not isinstance(payload.get("subject"), str):
        return None
    options = payload.get("options")
    if not isinstance(options, list) or not options or not all(isinstance(o, str) for o in options):
        return None
    given = payload.get("params")
    params = _params(given if isinstance(given, dict) else {})
    shown = {"title": payload["subject"], **without(payload, *KNOWN)}
    if type == "approval" and set(options) == YES_OR_NO:
        return _judged(Foreign("Airflow", shown, _approval, _is_yes, params))
    if type == "human_input":
        schema = _choice(options, payload, params)
        return _judged(Foreign("Airflow", shown, _chosen, lambda answer: True, schema))
    return None


def _judged(found: Foreign) -> Foreign | None:
    return None if found.schema and mistake_in(found.schema) else found


def _params(given: dict[str, Any]) -> dict[str, Any] | None:
    """The schema of `params`, each a value or {"value", "schema", "description"}; None without any."""
    properties = {name: _param(param) for name, param in given.items()}
    if not properties:
        return None
    return {"type": "object", "properties": properties, "required": [], "additionalProperties": False}


def _param(param: Any) -> dict[str, Any]:
    if not isinstance(param, dict) or "schema" not in param:
        return {} if param is None or isinstance(param, dict) else {"default": param, **_kind(param)}
    schema = param["schema"] if isinstance(param["schema"], dict) else {}
    value, description = param.get("value"), param.get("description")
    said = {"description": description} if isinstance(description, str) else {}
    return {**_kind(value), **schema, **({} if value is None else {"default": value}), **said}


def _kind(value: Any) -> dict[str, Any]:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string"}
    kind = kinds.get(type(value))
    return {"type": kind} if kind else {}


def _choice(options: list[str], payload: dict[str, Any], params: Any) -> dict[str, Any]:
    """The schema of an answer to a `HITLOperator`."""
    one: dict[str, Any] = {"enum": options}
    defaults = [o for o in payload.get("defaults") or [] if o in options]
    if payload.get("multiple"):
        chosen: dict[str, Any] = {"type": "array", "items": one, "uniqueItems": True, "minItems": 1}
    else:
        chosen = one
    if defaults:
        chosen = {**chosen, "default": defaults if payload.get("multiple") else defaults[0]}
    properties = {"chosen_options": {**chosen, "title": "Your choice"}}
    if params:
        properties["params_input"] = {**params, "title": "Parameters"}
    return {"type": "object", "required": ["chosen_options"], "properties": properties}


def _chosen(answer: dict[str, Any]) -> dict[str, Any]:
    chosen = answer["chosen_options"]
    return {
        "chosen_options": chosen if isinstance(chosen, list) else [chosen],
        "params_input": answer.get("params_input", {}),
    }


def _approval(value: dict[str, Any]) -> dict[str, Any]:
    return {"chosen_options": ["Approve" if value["approved"] else "Reject"], "params_input": value["data"]}


def _is_yes(answer: Any) -> bool:
    return bool(answer["chosen_options"] == ["Approve"])
