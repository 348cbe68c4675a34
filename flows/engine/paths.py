"""How each step is reached, so that two steps of one name are not taken for each other after a change."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flows.engine.scopes import following

if TYPE_CHECKING:
    from flows.engine.definition import Step


@dataclass(frozen=True, slots=True)
class Paths:
    """For each step a fingerprint of the names that lead to it from the head of its chain (8 hex digits),
    and the steps that have a twin: another one of the same name in the same chain."""

    fingerprints: Mapping[str, str]
    twins: frozenset[str]


def paths_of(steps: Mapping[str, Step], heads: Iterable[str]) -> Paths:
    """A join counts as reached from what opened it: a further branch does not move what follows."""
    names: dict[str, str] = {}
    todo = [(head, head) for head in heads]
    while todo:
        id, path = todo.pop()
        if id in names:
            continue
        step, names[id] = steps[id], path
        todo += [(next_id, f"{path}/{base_name(next_id)}") for next_id in following(step)]
        if step.end:
            todo.append((step.end, f"{path}/{base_name(step.end)}"))
    count = Counter(map(base_name, steps))
    twins = frozenset(id for id in steps if count[base_name(id)] > 1)
    return Paths({id: _short(path) for id, path in names.items()}, twins)


def cycle_in(steps: Mapping[str, Step]) -> str | None:
    """A step that leads back to itself, as only a hand-written configuration can have; None otherwise."""
    done: set[str] = set()
    for start in steps:
        trail: set[str] = set()
        todo = [(start, False)]
        while todo:
            id, is_left = todo.pop()
            if is_left:
                trail.discard(id)
                done.add(id)
            elif id in trail:
                return id
            elif id not in done:
                trail.add(id)
                todo += [(id, True), *((next_id, False) for next_id in following(steps[id]))]
    return None


def base_name(id: str) -> str:
    """The id without the number that tells it from its twins."""
    name, _, number = id.rpartition("#")
    return name if name and number.isdecimal() else id


def _short(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()[:8]
