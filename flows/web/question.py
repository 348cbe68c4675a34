"""A question as it is shown: the known parts of its payload, and all the rest."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flows import engine
from flows.models import Interrupt, Response

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


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as it is shown: `verb` and `tone` in a word, `comment` and `data` where there are any."""

    by: Any
    at: datetime
    door: str
    verb: str
    tone: str
    comment: str
    data: Any

    @classmethod
    def of(cls, interrupt: Interrupt, response: Response) -> "Said":
        value = engine.plain_json(response.value)
        who: dict[str, Any] = {"by": response.by, "at": response.created_at, "door": response.door}
        if interrupt.type == "approval" and isinstance(value, dict) and "approved" in value:
            verb, tone = ("approved", "good") if value["approved"] else ("rejected", "bad")
            comment, data = value.get("comment") or "", value.get("data")
            return cls(**who, verb=verb, tone=tone, comment=comment, data=data)
        if isinstance(value, str):
            return cls(**who, verb="answered", tone="good", comment=value, data=None)
        return cls(**who, verb="answered", tone="good", comment="", data=value)
