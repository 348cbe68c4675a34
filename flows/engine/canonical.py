"""The one guard at every entrance: what is let in comes back equal, everywhere and for ever.

Two forms of a value: the *live* one that chunks see, and the *tagged* one that is pure JSON
and is what the engine keeps. `canonical_json` goes from live to tagged, `restore_json` back;
both copy, so no chunk ever shares a container with another.
"""

import json
import math
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flows.engine.errors import NotJSON

MAX_DEPTH = 64
MAX_NODES = 10_000
MAX_BYTES = 256 * 1024
INTEGERS = range(-(2**63), 2**63)
OBJECT = "$object"  # wraps an author's own object that looks like a tag

TAGS: dict[str, tuple[type, Callable[[Any], str], Callable[[str], Any]]] = {
    "$datetime": (datetime, datetime.isoformat, datetime.fromisoformat),
    "$date": (date, date.isoformat, date.fromisoformat),
    "$decimal": (Decimal, Decimal.__str__, Decimal),
    "$uuid": (UUID, UUID.__str__, UUID),
}
RESERVED = frozenset({OBJECT, *TAGS})
TAG_OF = {kind: (tag, write, read) for tag, (kind, write, read) in TAGS.items()}


def canonical_json(value: Any) -> Any:
    """`value` as tagged JSON, copied; raises NotJSON with the path to what cannot be carried.

    Refused: NaN and infinities, NUL and lone surrogates, depth over 64, more than 10,000 nodes,
    integers beyond 64 bits, more than 256 KiB of UTF-8, tuples (they would come back as lists)
    and every object that is neither JSON nor datetime, date, Decimal or UUID (ENGINE.md, JSON).
    """
    if value is None or value is True or value is False:
        return value
    walk = _Walk()
    tagged = walk.copy(value, 0)
    if walk.characters * 6 > MAX_BYTES:  # only then can the exact count, which costs more, be over
        size = len(dump_json(tagged).encode())
        if size > MAX_BYTES:
            raise NotJSON(f"{size:,} bytes of JSON are more than the {MAX_BYTES:,} allowed")
    return tagged


def restore_json(tagged: Any) -> Any:
    """The live value of what `canonical_json` returned, in fresh containers."""
    kind = type(tagged)
    if kind is dict:
        if len(tagged) == 1:
            return _restore_single(tagged)
        return {key: restore_json(item) for key, item in tagged.items()}
    if kind is list:
        return [restore_json(item) for item in tagged]
    return tagged


def object_in(tagged: Any) -> dict[str, Any] | None:
    """The author's own object that `tagged` stands for; None when it stands for anything else."""
    if not isinstance(tagged, dict):
        return None
    if OBJECT in tagged and len(tagged) == 1:
        inner: dict[str, Any] = tagged[OBJECT]
        return inner
    return None if len(tagged) == 1 and not TAGS.keys().isdisjoint(tagged) else tagged


def plain_json(tagged: Any) -> Any:
    """Tagged JSON for people and other programs: each tag replaced by its text."""
    if isinstance(tagged, list):
        return [plain_json(item) for item in tagged]
    if not isinstance(tagged, dict):
        return tagged
    if len(tagged) == 1:
        ((key, inner),) = tagged.items()
        if key in TAGS:
            return inner
        if key == OBJECT:
            tagged = inner
    return {key: plain_json(item) for key, item in tagged.items()}


def dump_json(tagged: Any) -> str:
    """Tagged JSON as compact text."""
    return json.dumps(tagged, ensure_ascii=False, separators=(",", ":"))


class _Walk:
    """One pass over a value: copies it and counts nodes and characters."""

    __slots__ = ("characters", "nodes")

    def __init__(self) -> None:
        self.nodes = self.characters = 0

    def copy(self, value: Any, depth: int) -> Any:
        self.nodes += 1
        self.characters += 8
        if self.nodes > MAX_NODES:
            raise NotJSON(f"more than {MAX_NODES:,} values in one")
        if depth > MAX_DEPTH:
            raise NotJSON(f"nested deeper than {MAX_DEPTH} levels")
        write = _WRITERS.get(type(value))
        return write(self, value, depth) if write else self._other(value, depth)

    def text(self, value: str, depth: int = 0) -> str:
        self.characters += len(value)
        if "\0" in value:
            raise NotJSON("text with a NUL character")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise NotJSON("text with a lone surrogate") from None
        return value

    def integer(self, value: int, depth: int) -> int:
        if value not in INTEGERS:
            raise NotJSON("an integer beyond 64 bits")
        return value

    def real(self, value: float, depth: int) -> float:
        if not math.isfinite(value):
            raise NotJSON(f"{value} is not a JSON number")
        return value

    def same(self, value: Any, depth: int) -> Any:
        return value

    def array(self, value: list[Any], depth: int) -> list[Any]:
        copied = []
        for index, item in enumerate(list.__iter__(value)):
            try:
                copied.append(self.copy(item, depth + 1))
            except NotJSON as error:
                raise error.under(index) from None
        return copied

    def object(self, value: dict[Any, Any], depth: int) -> dict[str, Any]:
        copied = {}
        for key, item in dict.items(value):
            if not isinstance(key, str):
                raise NotJSON(f"an object key of type {type(key).__name__}; keys are text")
            name = self.text(str.__str__(key))
            try:
                copied[name] = self.copy(item, depth + 1)
            except NotJSON as error:
                raise error.under(name) from None
        return copied if RESERVED.isdisjoint(copied) else {OBJECT: copied}

    def tag(self, value: Any, depth: int) -> dict[str, str]:
        name, write, read = TAG_OF[type(value)]
        text = write(value)
        self.characters += len(text)
        if (isinstance(value, Decimal) and not value.is_finite()) or read(text) != value:
            raise NotJSON(f"the {type(value).__name__} {text} would not come back equal")
        return {name: text}

    def _other(self, value: Any, depth: int) -> Any:
        for base, plain, write in _SUBCLASSES:
            if isinstance(value, base):
                return write(self, plain(value), depth)
        if isinstance(value, tuple):
            raise NotJSON("a tuple would come back as a list; give a list")
        raise NotJSON(f"an object of type {type(value).__name__} is not JSON")


_Writer = Callable[[_Walk, Any, int], Any]
_WRITERS: dict[type, _Writer] = {
    str: _Walk.text,
    int: _Walk.integer,
    float: _Walk.real,
    bool: _Walk.same,
    type(None): _Walk.same,
    list: _Walk.array,
    dict: _Walk.object,
    **dict.fromkeys(TAG_OF, _Walk.tag),
}
# StrEnum, IntEnum, defaultdict and the like: equal to the plain value that they come back as.
_SUBCLASSES: tuple[tuple[type, Callable[[Any], Any], _Writer], ...] = (
    (str, str.__str__, _Walk.text),
    (int, int.__int__, _Walk.integer),
    (float, float.__float__, _Walk.real),
    (list, lambda value: value, _Walk.array),
    (dict, lambda value: value, _Walk.object),
)


def _restore_single(tagged: dict[str, Any]) -> Any:
    ((key, inner),) = tagged.items()
    if key in TAGS:
        return TAGS[key][2](inner)
    if key == OBJECT:
        return {name: restore_json(item) for name, item in inner.items()}
    return {key: restore_json(inner)}
