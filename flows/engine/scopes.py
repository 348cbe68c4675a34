"""Which joins stand around each step, worked out from the graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.engine.definition import Step

Scopes = Mapping[str, tuple[str, ...]]


def scopes_of(steps: Mapping[str, Step], heads: Iterable[str]) -> Scopes:
    """For each step that `heads` lead to, what opened the joins around it, outermost first."""
    found: dict[str, tuple[str, ...]] = {}
    todo: list[tuple[str, tuple[str, ...]]] = [(head, ()) for head in heads]
    while todo:
        id, around = todo.pop()
        if id in found:
            continue
        step = steps[id]
        found[id] = around = around[:-1] if step.kind == "join" else around
        todo += [(next_id, (*around, id) if _opens(step) else around) for next_id in following(step)]
    return found


def split_collect(steps: Mapping[str, Step], scopes: Scopes) -> str | None:
    """A collect whose branches stand in different loops or batches, so that it is never full."""
    for step in steps.values():
        if step.kind == "fill" and scopes.get(step.id) != scopes.get(step.next[0]):
            return step.next[0]
    return None


def _opens(step: Step) -> bool:
    """Whether a join collects what it sends out."""
    return step.kind in ("batch", "for_each", "choices")


def following(step: Step) -> list[str]:
    """The steps that a signal can go to from this one."""
    chosen = step.kind in ("batch", "choice", "choices")
    return [*step.next, *([head for _, head in step.branches] if chosen else [])]
