"""Dotted paths into the state. Nothing is changed in place: a writer gets a new tree, so that
chunks in other threads may read the old one meanwhile."""

from typing import Any

from flows.engine.errors import StateError

Path = tuple[str, ...]
_MISSING: Any = object()


def parse_path(path: str) -> Path:
    """`"order.lines"` as ("order", "lines"); raises StateError for an empty part."""
    parts = tuple(path.split(".")) if isinstance(path, str) else ()
    if not all(parts) or not parts:
        raise StateError(f"{path!r} is not a state path: write it as “name” or “outer.inner”.")
    return parts


def get_in(tree: Any, path: Path, default: Any = None) -> Any:
    """What stands at `path`, or `default`; a number indexes a list."""
    for part in path:
        tree = _child(tree, part)
        if tree is _MISSING:
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
    if tree is not _MISSING and not isinstance(tree, dict):
        raise StateError(f"Cannot set “{head}” inside a {type(tree).__name__} of the state.")
    tree = {} if tree is _MISSING else tree
    return {**tree, head: set_in(tree.get(head, _MISSING), rest, value)}


def append_in(tree: Any, path: Path, value: Any) -> Any:
    """A tree whose list at `path` (made if there is none) ends with `value`."""
    there = get_in(tree, path, _MISSING)
    if there is not _MISSING and not isinstance(there, list):
        raise StateError(f"Cannot append to “{'.'.join(path)}”: it is a {type(there).__name__}, not a list.")
    return set_in(tree, path, [*there, value] if there is not _MISSING else [value])


def del_in(tree: Any, path: Path) -> Any:
    """A tree without what stood at `path`; the same tree when nothing did."""
    parent = get_in(tree, path[:-1], _MISSING)
    if not isinstance(parent, dict) or path[-1] not in parent:
        return tree
    return set_in(tree, path[:-1], {key: item for key, item in parent.items() if key != path[-1]})


def _child(tree: Any, part: str) -> Any:
    if isinstance(tree, dict):
        return tree.get(part, _MISSING)
    if isinstance(tree, list) and part.isdecimal() and int(part) < len(tree):
        return tree[int(part)]
    return _MISSING
