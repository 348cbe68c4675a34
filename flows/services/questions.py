"""What an interrupt shows, to whom, and its digest: fixed once, when it opens."""

import hashlib
import json
from typing import Any
from uuid import UUID

from flows import engine
from flows.engine.text import clean
from flows.models import Interrupt
from flows.services.answers import received
from flows.services.errors import InvalidAnswer
from flows.services.foreign import shown_payload
from flows.services.policies import excludes_requester, stages_of
from flows.services.schemas import mistake_in
from flows.store.commits import Opened

MAX_TITLE = 200


class BadQuestion(ValueError):
    """A `response_schema` that no answer could be judged by, or an `on_expire` that is no answer to it."""


def check(interrupt: engine.Interrupt) -> None:
    """Raises BadQuestion for an interrupt that could not be asked, or not be closed when it expires."""
    schema = engine.plain_json(interrupt.options.get("response_schema"))
    if schema is not None and (mistake := mistake_in(schema)):
        raise BadQuestion(f"response_schema: {mistake}")
    on_expire = interrupt.options.get("on_expire")
    if on_expire is None or on_expire in (engine.CANCEL, engine.FAIL):
        return
    asked = Interrupt(type=interrupt.type, payload=interrupt.payload, response_schema=schema)
    try:
        received(asked, engine.restore_json(on_expire))
    except InvalidAnswer as error:
        raise BadQuestion(f"on_expire: {error.message}") from None


def title_of(interrupt: engine.Interrupt, *, flow: str) -> str:
    """One line for lists: the payload's title, else the first line of its question, else flow and step."""
    shown = shown_payload(interrupt.type, interrupt.payload)
    payload = shown if isinstance(shown, dict) else {}
    for key in ("title", "question"):
        if isinstance(text := payload.get(key), str) and text.strip():
            return clean(text.strip().splitlines()[0].strip(), MAX_TITLE)
    return clean(f"{flow}: {interrupt.step}", MAX_TITLE)


def digest_of(
    *, type: str, title: str, payload: Any, response_schema: Any = None, initial: Any = None
) -> str:
    """SHA-256 of what is shown, as 64 hexadecimal digits."""
    shown = [type, title, payload, response_schema, initial]
    text = json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def opened(interrupt: engine.Interrupt, *, flow: str, requester_id: Any) -> Opened:
    """The row of an interrupt that the engine has opened just now."""
    options = interrupt.options
    policy = options.get("policy") or {}
    instants = {timer.kind: timer.at for timer in interrupt.timers}
    shown = {
        "type": interrupt.type,
        "title": title_of(interrupt, flow=flow),
        "payload": interrupt.payload,
        "response_schema": options.get("response_schema"),
        "initial": options.get("initial"),
    }
    return Opened(
        id=UUID(engine.new_id()),
        key=interrupt.id,
        flow=flow,
        step=interrupt.step,
        policy=options.get("policy"),
        audience=list(stages_of(policy)[0].audience),
        excluded_id=requester_id if excludes_requester(policy) else None,
        digest=digest_of(**shown),
        priority=engine.PRIORITIES.index(options.get("priority", "normal")),
        due_at=instants.get(engine.TimerKind.DUE),
        expires_at=instants.get(engine.TimerKind.EXPIRE),
        on_expire=options.get("on_expire"),
        undo_seconds=options.get("undo_seconds"),
        resume_event=interrupt.awaited_event,
        frame=interrupt.place.frame,
        **shown,
    )
