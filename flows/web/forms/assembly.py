"""From fields to one JSON value and back: paths, names and what is left out."""

from collections.abc import Iterator
from typing import Any

from flows.web.forms.fields import ABSENT

Path = tuple[str | int, ...]
PREFIX = "value"


def assemble(values: dict[Path, Any], needed: set[Path]) -> dict[str, Any]:
    """The object with these values at these paths. An optional inner object with nothing said is left out."""
    result: dict[str, Any] = {}
    inner: dict[str, dict[str, Any]] = {}
    said: set[str] = {str(path[0]) for path in needed if path}
    for path, value in values.items():
        if value is ABSENT:
            continue
        if len(path) == 1:
            result[str(path[0])] = value
            continue
        inner.setdefault(str(path[0]), {})[str(path[1])] = value
        if value is not False and value != []:
            said.add(str(path[0]))
    return result | {name: inner.get(name, {}) for name in said}


def at(value: Any, path: Path) -> Any:
    """What stands at `path` in `value`; ABSENT when nothing does."""
    for part in path:
        if not _has(value, part):
            return ABSENT
        value = value[part]
    return value


def _has(value: Any, part: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(part, int) and part < len(value)
    return isinstance(value, dict) and part in value


def ancestors(path: Path) -> Iterator[Path]:
    for length in range(len(path), -1, -1):
        yield path[:length]


def field_name(path: Path, root: str = PREFIX) -> str:
    """A name that no other path below `root` has, fit for an HTML id: odd characters become ~hex~."""
    parts = ("".join(c if is_plain(c) else f"~{ord(c):x}~" for c in str(part)) for part in path)
    return ".".join((root, *parts))


def is_plain(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in "_-")
