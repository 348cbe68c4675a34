"""Where a signal goes: one function for each kind of step.

A batch or for_each opens a `Join` with a number of its own and sends its branches out in the
scope (number, key). Whatever reaches the closing step in that scope fills that key, in any
order and after any number of saves and loads; once all are in, the join leaves in the scope
where its opener stood.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flows.engine.definition import Kind, Step
from flows.engine.signals import Join, Signal

if TYPE_CHECKING:
    from flows.engine.core import Core


def enter(core: Core, signal: Signal) -> None:
    """Let `signal` arrive at its step."""
    step = core.definition.steps[signal.step]
    ENTRANCES[step.kind](core, step, signal)


def _activate(core: Core, step: Step, signal: Signal) -> None:
    core.activate(signal)


def _relay(core: Core, step: Step, signal: Signal) -> None:
    core.leave(step, signal.value, signal.scope, signal.event)


def _open_batch(core: Core, step: Step, signal: Signal) -> None:
    _open(core, step, signal, [(key, signal.value) for key, _ in step.branches])


def _open_each(core: Core, step: Step, signal: Signal) -> None:
    items = signal.value if isinstance(signal.value, list) else [signal.value]
    _open(core, step, signal, [(str(index), item) for index, item in enumerate(items)])


def _open(core: Core, step: Step, signal: Signal, queue: list[tuple[str, Any]]) -> None:
    keys = [key for key, _ in queue]
    join = Join(core.next_number(), step.id, signal.scope, signal.event, keys, {}, queue)
    core.joins[join.id] = join
    core.done[step.id] = core.done.get(step.id, 0) + 1
    _advance(core, join)


def _arrive(core: Core, step: Step, signal: Signal) -> None:
    """A branch is done. A key that is filled already stays as it is: each branch counts once."""
    number, key = signal.scope or (0, "")
    join = core.joins.get(number)
    if join is None or core.definition.steps[join.opener].end != step.id or key in join.results:
        return
    join.results[key] = signal.value
    _advance(core, join)


def _advance(core: Core, join: Join) -> None:
    """Start what may start now, or leave when every branch is in."""
    opener = core.definition.steps[join.opener]
    if len(join.results) == len(join.keys):
        del core.joins[join.id]
        assert opener.end is not None
        core.leave(core.definition.steps[opener.end], _collected(opener, join), join.scope, join.event)
        return
    free = len(join.queue) if opener.limit is None else opener.limit - join.running
    started, join.queue = join.queue[:free], join.queue[free:]
    for key, value in started:
        for head in _heads(opener, key):
            core.send(head, value, (join.id, key), join.event)


def _heads(opener: Step, key: str) -> list[str]:
    return opener.next if opener.kind is Kind.EACH else [dict(opener.branches)[key]]


def _collected(opener: Step, join: Join) -> Any:
    ordered = [join.results[key] for key in join.keys]
    return ordered if opener.kind is Kind.EACH else dict(zip(join.keys, ordered, strict=True))


ENTRANCES: dict[Kind, Callable[[Core, Step, Signal], None]] = {
    Kind.CHUNK: _activate,
    Kind.IF: _activate,
    Kind.BATCH: _open_batch,
    Kind.EACH: _open_each,
    Kind.JOIN: _arrive,
    Kind.RELAY: _relay,
}
