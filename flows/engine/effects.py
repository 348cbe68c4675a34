"""What a chunk wrote down, applied to the state."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import Any

from flows.engine.errors import DuplicateInterrupt
from flows.engine.state import append_in, del_in, set_in

WRITES: dict[str, Callable[..., Any]] = {"set": set_in, "append": append_in, "del": del_in}


def state_after(
    state: dict[str, Any], effects: Iterable[tuple[Any, ...]], *, taken: Container[str]
) -> dict[str, Any]:
    """The state with the effects' writes, as a new tree.

    Raises StateError where a sibling's write stands in the way meanwhile, DuplicateInterrupt for a
    pause under an id in `taken`: before anything has been changed.
    """
    for kind, *arguments in effects:
        if kind in WRITES:
            state = WRITES[kind](state, *arguments)
        elif kind == "pause" and arguments[0].id in taken:
            raise DuplicateInterrupt(arguments[0].id)
    return state
