"""A question as it is shown: the known parts of its payload, and all the rest."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, gettext_noop, pgettext

from flows import engine
from flows.models import Given, Interrupt
from flows.services import foreign
from flows.services.foreign import shown_payload
from flows.web.blocks import Block, blocks_of
from flows.web.blocks.tree import tree
from flows.web.forms.schema import spoken, text

VERDICTS = {
    ("approval", True): (gettext_noop("approved"), "good"),
    ("approval", False): (gettext_noop("rejected"), "bad"),
    ("human_input", True): (gettext_noop("answered"), "good"),
    ("human_input", False): (gettext_noop("answered"), "good"),
}
TONES = {"primary": "good", "danger": "bad", "destructive": "bad"}  # of what an action does, by its style
TEXTS = ("title", "question", "summary", "body")


@dataclass(frozen=True, slots=True)
class Question:
    """`rest` is what has no place of its own in the payload; {} when there is nothing."""

    question: str
    summary: str
    body: str
    consequences: "list[Consequence]"
    facts: Any
    blocks: list[Block]
    rest: dict[str, Any]

    @property
    def rest_block(self) -> Block:
        """What has no place of its own, as a tree."""
        return Block("json", len(self.blocks), "", tree(self.rest))


@dataclass(frozen=True, slots=True)
class Consequence:
    """What happens after an answer; `when` says after which, "" for any."""

    when: str
    text: str
    tone: str = ""


def question_of(interrupt: Interrupt) -> Question:
    payload = engine.plain_json(shown_payload(interrupt.type, interrupt.payload))
    details = dict(payload) if isinstance(payload, dict) else {} if payload is None else {"payload": payload}
    texts = {key: details.pop(key) for key in TEXTS if isinstance(details.get(key), str)}
    question = texts.get("question", "")
    return Question(
        question="" if question.strip() == interrupt.title else question,
        summary=texts.get("summary", ""),
        body=texts.get("body", ""),
        consequences=consequences(interrupt, details.pop("consequence", None), details.get("actions")),
        facts=details.pop("facts", None),
        blocks=blocks_of(details.pop("blocks")) if details.get("blocks") else [],
        rest=without_known(details, has_calls=bool(foreign.proposed(interrupt))),
    )


def without_known(details: dict[str, Any], *, has_calls: bool) -> dict[str, Any]:
    """What no other part of the page shows: actions are its buttons, proposed calls its cards."""
    hidden = {"actions"} if is_listed(details.get("actions")) else set()
    hidden |= {"proposed"} if has_calls else set()
    return {key: value for key, value in details.items() if key not in hidden}


def is_listed(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def consequences(interrupt: Interrupt, given: Any, actions: Any) -> list[Consequence]:
    """`consequence` (a text, or one for "approve" and one for "reject"), and `then` of each action."""
    found = []
    if isinstance(given, str) and given.strip():
        found.append(Consequence(gettext("If you approve") if interrupt.type == "approval" else "", given))
    if isinstance(given, dict):
        found += [
            Consequence(when, given[key], tone)
            for key, when, tone in (
                ("approve", gettext("If you approve"), "good"),
                ("reject", gettext("If you reject"), "bad"),
            )
            if isinstance(given.get(key), str) and given[key].strip()
        ]
    for action in actions if is_listed(actions) else ():
        if isinstance(action.get("then"), str) and action["then"].strip():
            label = action.get("label") if isinstance(action.get("label"), str) else action.get("id")
            tone = TONES.get(str(action.get("style")), "")
            found.append(Consequence(str(label or gettext("Then")), action["then"], tone))
    return found


def at_expiry(interrupt: Interrupt) -> str:
    """What happens when its time is over, as the end of a sentence; "" when it does not expire."""
    on_expire = engine.plain_json(interrupt.on_expire)
    if on_expire is None:
        return ""
    if on_expire == engine.CANCEL:
        return gettext("the flow is cancelled")
    if on_expire == engine.FAIL:
        return gettext("the flow fails, and can be retried")
    if interrupt.type == "approval" and isinstance(on_expire, dict):
        approves = pgettext("what happens at its expiry", "approved")
        return approves if on_expire.get("approved") else pgettext("what happens at its expiry", "rejected")
    return gettext("answered “%(answer)s”") % {"answer": str(on_expire)[:60]}


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as it is shown: `verdict` (in English) and `tone` in a word, `comment` and `facts` if any."""

    by: Any
    at: datetime
    door: str
    verdict: str
    tone: str
    comment: str
    facts: list[dict[str, Any]]

    @property
    def verb(self) -> str:
        """The verdict in the reader's language."""
        return gettext(self.verdict)

    @classmethod
    def of(cls, interrupt: Interrupt, response: Given) -> "Said":
        value = engine.plain_json(response.value)
        who: dict[str, Any] = {"by": response.by, "at": response.created_at, "door": response.door}
        if (agrees := foreign.agrees(interrupt, value)) is not None:
            verb, tone = VERDICTS[interrupt.type, agrees]
            return cls(**who, verdict=verb, tone=tone, comment="", facts=[{"label": "", "value": value}])
        if interrupt.type == "approval" and isinstance(value, dict) and "approved" in value:
            verb, tone = (
                (gettext_noop("approved"), "good") if value["approved"] else (gettext_noop("rejected"), "bad")
            )
            told = facts_of(value.get("data"), interrupt.response_schema)
            return cls(**who, verdict=verb, tone=tone, comment=value.get("comment") or "", facts=told)
        if isinstance(value, str):
            return cls(**who, verdict="answered", tone="good", comment=value, facts=[])
        told = facts_of(value, interrupt.response_schema)
        return cls(**who, verdict="answered", tone="good", comment="", facts=told)


def facts_of(value: Any, schema: Any = None) -> list[dict[str, Any]]:
    """Some JSON as labelled values: an object's entries under the titles that the schema gives them."""
    if not isinstance(value, dict):
        return [] if value is None else [{"label": "", "value": value}]
    properties = schema.get("properties") if isinstance(schema, dict) else None
    known = properties if isinstance(properties, dict) else {}
    return [{"label": titled(key, known.get(key)), "value": item} for key, item in value.items()]


def titled(key: str, schema: Any) -> str:
    return (text(schema, "title") if isinstance(schema, dict) else "") or spoken(key)
