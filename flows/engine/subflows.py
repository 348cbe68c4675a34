"""What goes into a sub flow and what comes out of it.

`capture` maps what the sub flow gets to where it is taken from, `write_back` the other way round:

    capture={"input": "value.order", "state": {"limit": "state.limits.refund"}}
    write_back={"value": "result", "state": {"refund.paid": "result.paid"}}

Sources are `value` (what came to the step) and `state` (of the frame read), and behind the sub flow
also `result`; a dotted path may follow each. Without `capture` the input is the value, without
`write_back` the next step gets the result.
"""

from __future__ import annotations

from typing import Any

from flows.engine.canonical import object_in
from flows.engine.state import get_in, parse_path, set_in

INTO, OUT_OF = ("input", "state"), ("value", "state")
SOURCES_IN, SOURCES_OUT = ("value", "state"), ("result", "state")


def problem_in(mapping: Any, targets: tuple[str, ...], sources: tuple[str, ...]) -> str | None:
    """What is wrong with a `capture` or `write_back`, or None."""
    if not isinstance(mapping, dict) or not mapping.keys() <= set(targets):
        return f"takes an object with {' and '.join(targets)}, not {mapping!r}."
    paths = mapping.get("state", {})
    if not isinstance(paths, dict):
        return f"has state={paths!r}; it takes an object of paths."
    written = [source for target, source in mapping.items() if target != "state"]
    for source in [*written, *paths.values()]:
        if not isinstance(source, str) or source.split(".")[0] not in sources:
            return f"reads {source!r}; a source begins with {' or '.join(sources)}."
    return _problem_with_paths([*paths, *written, *paths.values()])


def _problem_with_paths(paths: list[Any]) -> str | None:
    for path in paths:
        try:
            parse_path(path)
        except ValueError as error:
            return f"has a wrong path. {error}"
    return None


def read(source: str, **trees: Any) -> Any:
    """The value at `source` ("state.limits.refund") in the trees by their names; None where nothing is."""
    root, *path = parse_path(source)
    return get_in(trees[root], tuple(path))


def captured(capture: dict[str, Any] | None, value: Any, state: Any) -> tuple[Any, dict[str, Any]]:
    """The input and the first state of a sub flow."""
    capture = capture or {}
    inner: dict[str, Any] = {}
    for path, source in capture.get("state", {}).items():
        inner = _put(inner, parse_path(path), read(source, value=value, state=state))
    return read(capture.get("input", "value"), value=value, state=state), inner


def written_back(
    write_back: dict[str, Any] | None, result: Any, inner: Any, state: dict[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """What the next step gets, and the outer state as it is after the sub flow."""
    write_back = write_back or {}
    for path, source in write_back.get("state", {}).items():
        state = _put(state, parse_path(path), read(source, result=result, state=inner))
    return read(write_back.get("value", "result"), result=result, state=inner), state


def _put(tree: Any, path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A tree with `value` at `path`; what stands in the way gives way, for nobody could catch an error."""
    base = tree if object_in(tree) is not None else {}
    inner = _put(get_in(base, path[:1]), path[1:], value) if path[1:] else value
    changed: dict[str, Any] = set_in(base, path[:1], inner)
    return changed
