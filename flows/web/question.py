"""A question as it is shown: the known parts of its payload, and all the rest."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flows import engine
from flows.models import Interrupt, Response
from flows.web.forms.schema import spoken, text

TEXTS = ("title", "question", "summary", "body")


@dataclass(frozen=True, slots=True)
class Question:
    """`rest` is what has no place of its own in the payload; {} when there is nothing."""

    question: str
    summary: str
    body: str
    facts: Any
    rest: dict[str, Any]


def question_of(interrupt: Interrupt) -> Question:
    payload = engine.plain_json(interrupt.payload)
    details = dict(payload) if isinstance(payload, dict) else {} if payload is None else {"payload": payload}
    texts = {key: details.pop(key) for key in TEXTS if isinstance(details.get(key), str)}
    question = texts.get("question", "")
    return Question(
        question="" if question.strip() == interrupt.title else question,
        summary=texts.get("summary", ""),
        body=texts.get("body", ""),
        facts=details.pop("facts", None),
        rest=details,
    )


def at_expiry(interrupt: Interrupt) -> str:
    """What happens when its time is over, as the end of a sentence; "" when it does not expire."""
    on_expire = engine.plain_json(interrupt.on_expire)
    if on_expire is None:
        return ""
    if on_expire == engine.CANCEL:
        return "the flow is cancelled"
    if on_expire == engine.FAIL:
        return "the flow fails, and can be retried"
    if interrupt.type == "approval" and isinstance(on_expire, dict):
        return "approved" if on_expire.get("approved") else "rejected"
    return f"answered “{str(on_expire)[:60]}”"


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as it is shown: `verb` and `tone` in a word, `comment` and `data` where there are any."""

    by: Any
    at: datetime
    door: str
    verb: str
    tone: str
    comment: str
    facts: list[dict[str, Any]]

    @classmethod
    def of(cls, interrupt: Interrupt, response: Response) -> "Said":
        value = engine.plain_json(response.value)
        who: dict[str, Any] = {"by": response.by, "at": response.created_at, "door": response.door}
        if interrupt.type == "approval" and isinstance(value, dict) and "approved" in value:
            verb, tone = ("approved", "good") if value["approved"] else ("rejected", "bad")
            told = facts_of(value.get("data"), interrupt.response_schema)
            return cls(**who, verb=verb, tone=tone, comment=value.get("comment") or "", facts=told)
        if isinstance(value, str):
            return cls(**who, verb="answered", tone="good", comment=value, facts=[])
        told = facts_of(value, interrupt.response_schema)
        return cls(**who, verb="answered", tone="good", comment="", facts=told)


def facts_of(value: Any, schema: Any = None) -> list[dict[str, Any]]:
    """Some JSON as labelled values: an object's entries under the titles that the schema gives them."""
    if not isinstance(value, dict):
        return [] if value is None else [{"label": "", "value": value}]
    properties = schema.get("properties") if isinstance(schema, dict) else None
    known = properties if isinstance(properties, dict) else {}
    return [{"label": titled(key, known.get(key)), "value": item} for key, item in value.items()]


def titled(key: str, schema: Any) -> str:
    return (text(schema, "title") if isinstance(schema, dict) else "") or spoken(key)
