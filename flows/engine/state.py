"""Dotted paths into the state. Nothing is changed in place: a writer gets a new tree, so that
chunks in other threads may read the old one meanwhile."""

from typing import Any

from flows.engine.canonical import MAX_DEPTH, OBJECT, RESERVED, canonical_json, object_in
from flows.engine.errors import StateError

Path = tuple[str, ...]
MISSING: Any = object()


def parse_path(path: str) -> Path:
    """`"order.lines"` as ("order", "lines").

    Raises StateError for an empty part, one that names a tag ("$date", see `canonical`) and more than
    64 parts; NotJSON for text that JSON cannot carry.
    """
    parts = tuple(canonical_json(path).split(".")) if isinstance(path, str) else ()
    if not all(parts) or not parts:
        raise StateError(f"{path!r} is not a state path: write it as “name” or “outer.inner”.")
    if len(parts) > MAX_DEPTH or not RESERVED.isdisjoint(parts):
        raise StateError(
            f"“{path[:200]}” is not a state path: it has at most {MAX_DEPTH} parts, "
            f"and none of them is {', '.join(sorted(RESERVED))}."
        )
    return parts


def get_in(tree: Any, path: Path, default: Any = None) -> Any:
    """What stands at `path`, or `default`; a number indexes a list."""
    for part in path:
        tree = _child(tree, part)
        if tree is MISSING:
            return default
    return tree


def set_in(tree: Any, path: Path, value: Any) -> Any:
    """A tree with `value` at `path`, objects on the way made as needed."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(tree, list) and head.isdecimal() and int(head) < len(tree):
        copied = list(tree)
        copied[int(head)] = set_in(tree[int(head)], rest, value)
        return copied
    inside = {} if tree is MISSING else object_in(tree)
    if inside is None:
        raise StateError(f"Cannot set “{head}” inside a {_kind(tree)} of the state.")
    return _like(tree, {**inside, head: set_in(inside.get(head, MISSING), rest, value)})


def append_in(tree: Any, path: Path, value: Any) -> Any:
    """A tree whose list at `path` (made if there is none) ends with `value`."""
    there = get_in(tree, path, MISSING)
    if there is not MISSING and not isinstance(there, list):
        raise StateError(f"Cannot append to “{'.'.join(path)}”: it is a {_kind(there)}, not a list.")
    return set_in(tree, path, [*there, value] if there is not MISSING else [value])


def del_in(tree: Any, path: Path) -> Any:
    """A tree without what stood at `path`; the same tree when nothing did."""
    parent = get_in(tree, path[:-1], MISSING)
    inside = object_in(parent)
    if inside is None or path[-1] not in inside:
        return tree
    left = {key: item for key, item in inside.items() if key != path[-1]}
    return set_in(tree, path[:-1], _like(parent, left))


def _child(tree: Any, part: str) -> Any:
    if (inside := object_in(tree)) is not None:
        return inside.get(part, MISSING)
    if isinstance(tree, list) and part.isdecimal() and int(part) < len(tree):
        return tree[int(part)]
    return MISSING


def _like(tree: Any, changed: dict[str, Any]) -> dict[str, Any]:
    """`changed` in the form that `tree` has, see `canonical`."""
    wrapped = isinstance(tree, dict) and len(tree) == 1 and OBJECT in tree
    return {OBJECT: changed} if wrapped else changed


def _kind(tree: Any) -> str:
    """What a value is called: "int", or "date" for what is kept under a tag."""
    return next(iter(tree)).removeprefix("$") if isinstance(tree, dict) else type(tree).__name__


class StateView:
    """`data.state`: item access by dotted path; a missing path raises KeyError."""

    __slots__ = ("_data",)

    def __init__(self, data: Any) -> None:
        self._data = data

    def __getitem__(self, path: str) -> Any:
        found = self._data.get_state(path, MISSING)
        if found is MISSING:
            raise KeyError(path)
        return found

    def __setitem__(self, path: str, value: Any) -> None:
        self._data.set_state(path, value)

    def __delitem__(self, path: str) -> None:
        self[path]
        self._data.del_state(path)

    def __contains__(self, path: str) -> bool:
        return self._data.get_state(path, MISSING) is not MISSING
