"""What a request in somebody else's format is to us."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Foreign:
    """`payload` in our own keys; `schema` of the data that it asks for, None for none; `outgoing` turns what
    a flow of ours would receive into their answer, and `is_yes` says of their answer whether it agrees."""

    format: str
    payload: dict[str, Any]
    outgoing: Callable[[Any], Any]
    is_yes: Callable[[Any], bool]
    schema: Any = None


def without(payload: dict[str, Any], *keys: str) -> dict[str, Any]:
    """What is left of a request: shown as it is, so that nobody decides without it."""
    return {key: value for key, value in payload.items() if key not in keys}


def with_reason(answer: dict[str, Any], key: str, comment: Any) -> dict[str, Any]:
    return {**answer, key: comment} if comment else answer


def titled(names: list[str]) -> str:
    return f"Run {names[0]}" if len(names) == 1 else f"Run {len(names)} tools"
