"""Where a signal goes: one function for each kind of step.

A batch, for_each or choices opens a `Join` with a number of its own and sends its branches out in
the scope (number, key). Whatever reaches the closing step in that scope fills that key, in any
order and after any number of saves and loads; once all are in, the join leaves in the scope
where its opener stood. A sub flow runs in a frame of its own and is left when nothing in that
frame is open any more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flows.engine.definition import Kind, Step
from flows.engine.events import kind_and_name
from flows.engine.frames import Frame
from flows.engine.occupancy import Spot
from flows.engine.signals import Activation, Gathered, Join, Place, Signal
from flows.engine.subflows import captured, written_back

if TYPE_CHECKING:
    from flows.engine.core import Core


def enter(core: Core, signal: Signal) -> None:
    """Let `signal` arrive at its step."""
    step = core.frames[signal.place.frame].definition.steps[signal.step]
    ENTRANCES[step.kind](core, step, signal)


def choose(core: Core, step: Step, activation: Activation, keys: list[str]) -> None:
    """Go on in the branches that a choice takes; without any, its end hands the value on."""
    frame = core.frames[activation.place.frame]
    frame.count(step.id)
    assert step.end is not None
    if not keys:
        core.leave(frame.definition.steps[step.end], activation.value, activation.place)
    elif step.kind is Kind.CHOICES:
        _open(core, step, activation.place, [(key, activation.value) for key in keys])
    else:
        core.send(dict(step.branches)[keys[0]], activation.value, activation.place)


def end_empty(core: Core, spot: Spot) -> None:
    """Nothing is open in `spot` any more: a sub flow is left; a branch that has not reached its join
    never will, and counts as null (its chunk raised and was skipped, or its answer became an event)."""
    if isinstance(spot, int):
        frame = core.frames.get(spot)
        if frame and frame.caller:
            _leave_sub_flow(core, frame, frame.caller)
    elif join := core.joins.get(spot[0]):
        _fill_key(core, join, spot[1], None)


def _leave_sub_flow(core: Core, frame: Frame, caller: Signal) -> None:
    del core.frames[frame.number]
    core.gathered.pop(frame.number, None)
    core.open.leave(caller.place)
    outer = core.frames[caller.place.frame]
    step = outer.definition.steps[caller.step]
    value, outer.state = written_back(step.write_back, frame.outcome, frame.state, outer.state)
    core.leave(step, value, caller.place)


# -- one for each kind ---------------------------------------------------------
def _activate(core: Core, step: Step, signal: Signal) -> None:
    core.activate(signal)


def _relay(core: Core, step: Step, signal: Signal) -> None:
    core.leave(step, signal.value, signal.place)


def _come_to_sub_flow(core: Core, step: Step, signal: Signal) -> None:
    """With a contract for its input it is entered by an activation, which can fail and be retried."""
    if step.sub.contract.initial_input is not None:
        core.activate(signal)
    else:
        enter_sub_flow(core, step, signal)


def entry_of(core: Core, step: Step, at: Signal | Activation) -> tuple[Any, dict[str, Any]]:
    """What goes into a sub flow that is entered from `at`: its input and its first state, tagged JSON."""
    return captured(step.capture, at.value, core.frames[at.place.frame].state)


def enter_sub_flow(core: Core, step: Step, signal: Signal) -> None:
    """Begin a sub flow in a frame of its own."""
    value, state = entry_of(core, step, signal)
    frame = Frame(core.next_number(), step.sub, signal, state)
    core.frames[frame.number] = frame
    core.open.enter(signal.place)
    core.open.emptied.append(frame.number)  # it may have nothing to do
    core.begin(frame, value)


def _open_batch(core: Core, step: Step, signal: Signal) -> None:
    _count(core, step, signal)
    _open(core, step, signal.place, [(key, signal.value) for key, _ in step.branches])


def _open_each(core: Core, step: Step, signal: Signal) -> None:
    _count(core, step, signal)
    items = signal.value if isinstance(signal.value, list) else [signal.value]
    _open(core, step, signal.place, [(str(index), item) for index, item in enumerate(items)])


def _arrive(core: Core, step: Step, signal: Signal) -> None:
    """A branch is done. A key that is filled already stays as it is: each branch counts once."""
    number, key = signal.place.scope or (0, "")
    join = core.joins.get(number)
    if join is not None and _opener(core, join).end == step.id:
        _fill_key(core, join, key, signal.value)


def _fill(core: Core, step: Step, signal: Signal) -> None:
    """A branch of a collect is in; the last value counts until all are."""
    collect = core.frames[signal.place.frame].definition.steps[step.next[0]]
    names = [name for name, _ in collect.branches]
    if values := _gather(core, collect, signal, step.label, names):
        core.leave(collect, values, signal.place)


def _wait_for_all(core: Core, step: Step, signal: Signal) -> None:
    events = [event for event, _ in step.branches]
    if values := _gather(core, step, signal, signal.place.event, events):
        named: dict[str, dict[str, Any]] = {}
        for event, value in values.items():
            kind, name = kind_and_name(event)
            named.setdefault(kind, {})[name] = value
        core.leave(step, named, signal.place)


def _take_any(core: Core, step: Step, signal: Signal) -> None:
    kind, name = kind_and_name(signal.place.event)
    core.leave(step, [kind, name, signal.value], signal.place)


# -- joins -----------------------------------------------------------------------
def _open(core: Core, step: Step, place: Place, queue: list[tuple[str, Any]]) -> None:
    join = Join(core.next_number(), step.id, place, [key for key, _ in queue], {}, queue)
    core.joins[join.id] = join
    core.open.enter(place)
    _advance(core, join)


def _fill_key(core: Core, join: Join, key: str, value: Any) -> None:
    if key not in join.results:
        join.results[key] = value
        _advance(core, join)


def _advance(core: Core, join: Join) -> None:
    """Start what may start now, or leave when every branch is in."""
    opener = _opener(core, join)
    if len(join.results) == len(join.keys):
        del core.joins[join.id]
        core.gathered.pop(join.id, None)
        core.open.leave(join.place)
        assert opener.end is not None
        closing = core.frames[join.place.frame].definition.steps[opener.end]
        core.leave(closing, _collected(opener, join), join.place)
        return
    free = len(join.queue) if opener.limit is None else max(opener.limit - join.running, 0)
    started, join.queue = join.queue[:free], join.queue[free:]
    for key, value in started:
        place = join.place._replace(scope=(join.id, key))
        for head in opener.next if opener.kind is Kind.EACH else [dict(opener.branches)[key]]:
            core.send(head, value, place)


def _opener(core: Core, join: Join) -> Step:
    return core.frames[join.place.frame].definition.steps[join.opener]


def _collected(opener: Step, join: Join) -> Any:
    ordered = [join.results[key] for key in join.keys]
    return dict(zip(join.keys, ordered, strict=True)) if opener.kind is Kind.BATCH else ordered


# -- inside ----------------------------------------------------------------------
def _gather(core: Core, step: Step, signal: Signal, name: str, names: list[str]) -> dict[str, Any] | None:
    """Note `name`'s value; all of them, in the order of `names`, once every one is there."""
    scope = signal.place.scope
    if scope is not None and scope[0] not in core.joins:
        return None  # an answer that came after the join around it was done
    here = core.gathered.setdefault(signal.place.owner, {})
    gathered = Gathered(step.id, signal.place, {})
    gathered = here.setdefault(gathered.spot, gathered)
    gathered.values[name] = signal.value
    if not all(name in gathered.values for name in names):
        return None
    del here[gathered.spot]
    return {name: gathered.values[name] for name in names}


def _count(core: Core, step: Step, signal: Signal) -> None:
    core.frames[signal.place.frame].count(step.id)


ENTRANCES: dict[Kind, Callable[[Core, Step, Signal], None]] = {
    Kind.CHUNK: _activate,
    Kind.CHOICE: _activate,
    Kind.CHOICES: _activate,
    Kind.SUB_FLOW: _come_to_sub_flow,
    Kind.BATCH: _open_batch,
    Kind.EACH: _open_each,
    Kind.JOIN: _arrive,
    Kind.RELAY: _relay,
    Kind.EITHER: _relay,
    Kind.FILL: _fill,
    Kind.ALL: _wait_for_all,
    Kind.ANY: _take_any,
}
