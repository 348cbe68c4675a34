"""What an interrupt shows, to whom, and its digest: fixed once, when it opens."""

import hashlib
import json
from typing import Any

from flows import engine
from flows.engine.text import clean
from flows.models import ANYONE

MAX_TITLE = 200


def title_of(interrupt: engine.Interrupt, *, flow: str) -> str:
    """One line for lists: the payload's title, else the first line of its question, else flow and step."""
    payload = interrupt.payload if isinstance(interrupt.payload, dict) else {}
    for key in ("title", "question"):
        if isinstance(text := payload.get(key), str) and text.strip():
            return clean(text.strip().splitlines()[0].strip(), MAX_TITLE)
    return clean(f"{flow}: {interrupt.step}", MAX_TITLE)


def audience_of(policy: dict[str, Any]) -> list[str]:
    """The tokens of those who may answer; without users and groups, anyone with the permission."""
    tokens = [f"u:{name}" for name in policy.get("users", ())]
    tokens += [f"g:{name}" for name in policy.get("groups", ())]
    return tokens or [ANYONE]


def excludes_requester(policy: dict[str, Any]) -> bool:
    """Whether the one who started the execution may not answer; so it is unless the policy says otherwise."""
    return bool(policy.get("exclude_requester", True))


def digest_of(
    *, type: str, title: str, payload: Any, response_schema: Any = None, initial: Any = None
) -> str:
    """SHA-256 of what is shown, as 64 hexadecimal digits."""
    shown = [type, title, payload, response_schema, initial]
    text = json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
