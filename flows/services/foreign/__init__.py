"""Requests in the formats of other tools: recognised on the way in, answered in their own on the way out.

A payload that only resembles one of them is shown as any other, as a tree.
"""

from typing import Any

from flows import engine
from flows.models import Interrupt
from flows.services.calls import Call, calls_of
from flows.services.foreign import airflow, langchain, mcp, openai
from flows.services.foreign.form import Foreign

__all__ = ["agrees", "outgoing", "proposed", "recognised", "response_schema", "shown_payload"]
FORMATS = (langchain, mcp, airflow, openai)


def recognised(type: str, payload: Any) -> Foreign | None:
    """What the payload of an interrupt of that type is in one of the formats; None for our own."""
    plain = engine.plain_json(payload)
    if not isinstance(plain, dict | list) or "proposed" in plain:
        return None
    found = next((found for format in FORMATS if (found := format.recognised(type, plain))), None)
    return found if found and _can_be_asked(found) else None


def _can_be_asked(found: Foreign) -> bool:
    """Whether we could have asked it ourselves: not, for instance, with more than fifty calls."""
    try:
        tagged = engine.canonical_json(found.payload)
    except engine.NotJSON:
        return False
    return "proposed" not in found.payload or bool(calls_of(tagged))


def shown_payload(type: str, payload: Any) -> Any:
    """The payload in our own keys, tagged."""
    found = recognised(type, payload)
    return engine.canonical_json(found.payload) if found else payload


def proposed(interrupt: Interrupt) -> tuple[Call, ...]:
    """The tool calls that an approval proposes, in whatever format."""
    return calls_of(shown_payload(interrupt.type, interrupt.payload)) if interrupt.type == "approval" else ()


def response_schema(interrupt: Interrupt) -> Any:
    """The schema of the data asked for, as plain JSON: the author's, else that of the format."""
    if interrupt.response_schema is not None:
        return engine.plain_json(interrupt.response_schema)
    found = recognised(interrupt.type, interrupt.payload)
    return found.schema if found else None


def outgoing(interrupt: Interrupt, value: Any) -> Any:
    """What the flow receives for `value`, which is tagged and has been judged; raises InvalidAnswer for an
    answer that the format has no words for."""
    found = recognised(interrupt.type, interrupt.payload)
    return engine.canonical_json(found.outgoing(value)) if found else value


def agrees(interrupt: Interrupt, value: Any) -> bool | None:
    """Whether a stored answer says yes, as far as its format can tell; None for our own format."""
    found = recognised(interrupt.type, interrupt.payload)
    try:
        return found.is_yes(value) if found else None
    except (LookupError, TypeError):  # an answer that a flow gave itself has any shape
        return None
