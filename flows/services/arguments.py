"""Small arguments that come from outside beside the value: ids, reasons, addresses."""

from typing import Any
from uuid import UUID

from flows.engine.text import is_clean
from flows.models import Door
from flows.services.errors import InvalidInput, NotFound, Problem

MAX_TEXT = 500


def short_text(name: str, value: Any, limit: int = MAX_TEXT) -> str | None:
    """`value` as it is; raises InvalidInput at `name` unless it is None or short text that can be stored."""
    if value is None or (isinstance(value, str) and len(value) <= limit and is_clean(value)):
        return value
    raise InvalidInput([Problem((name,), f"Must be text of at most {limit} ordinary characters.")])


def door_named(door: str) -> Door:
    """The door of that name; raises InvalidInput."""
    try:
        return Door(door)
    except ValueError:
        raise InvalidInput([Problem(("door",), f"Must be one of {', '.join(Door)}.")]) from None


def uuid_of(what: str, value: Any) -> UUID:
    """`value` as a UUID; raises NotFound, because nothing else could be found by it."""
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError):
        raise NotFound(what, value) from None
