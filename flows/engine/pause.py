"""What `pause_for` and `emit` accept."""

from dataclasses import dataclass
from typing import Any

from flows.engine.canonical import canonical_json

POLICY_KEYS = {"users": list, "groups": list, "exclude_requester": bool}


@dataclass(frozen=True, slots=True)
class Pause:
    """What `pause_for` returns and a chunk returns in turn."""

    interrupt_id: str


def resume_target(resume_to: Any, resume_event: Any) -> str | dict[str, str]:
    """Where an answer goes: "next", "self" or {"event": name}. Raises ValueError for anything else."""
    if resume_to is None:
        resume_to = "next" if resume_event is None else {"event": resume_event}
    if resume_to in ("next", "self"):
        return str(resume_to)
    if isinstance(resume_to, dict) and set(resume_to) == {"event"}:
        name = resume_to["event"]
        check_event(name)
        return {"event": canonical_json(name)}
    raise ValueError(f'resume_to is "next", "self" or {{"event": name}}, not {resume_to!r}.')


def check_event(event: Any) -> None:
    """Raises ValueError for what cannot name an event; names that begin with $ are the engine's own."""
    if not isinstance(event, str) or not canonical_json(event) or event.startswith("$"):
        raise ValueError(f"An event is named by a text that does not begin with $, not {event!r}.")


def check_type(type: Any) -> str:
    """`type` of a pause as text; raises ValueError for anything else."""
    if not isinstance(type, str):
        raise ValueError(f"The type of a pause is a text, not {type!r}.")
    return str(canonical_json(type))


def check_policy(policy: Any) -> dict[str, Any] | None:
    """`policy` as JSON; raises ValueError for a key or a value that would not be enforced."""
    if policy is None:
        return None
    if not isinstance(policy, dict):
        raise ValueError(f"policy is an object, not {policy!r}.")
    for key, value in policy.items():
        if key not in POLICY_KEYS:
            raise ValueError(f"policy has no {key!r}; it takes {', '.join(POLICY_KEYS)}.")
        names = isinstance(value, list) and all(isinstance(name, str) for name in value)
        if not isinstance(value, POLICY_KEYS[key]) or (isinstance(value, list) and not names):
            expected = "true or false" if POLICY_KEYS[key] is bool else "a list of names"
            raise ValueError(f"policy[{key!r}] is {expected}, not {value!r}.")
    return dict(canonical_json(policy))
