"""What a chunk wrote down, applied to the execution."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from typing import TYPE_CHECKING, Any

from flows.engine.errors import DuplicateInterrupt
from flows.engine.events import emit, tell_of_state
from flows.engine.routing import choose, enter_sub_flow
from flows.engine.state import append_in, del_in, set_in

if TYPE_CHECKING:
    from flows.engine.core import Core
    from flows.engine.frames import Frame
    from flows.engine.signals import Activation, Changes, Interrupt, Outcome

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


def apply(core: Core, activation: Activation, outcome: Outcome, changes: Changes) -> None:
    """Everything but the writes, which `state_after` has done: the effects in the order of their calls, then
    what follows the step."""
    frame = core.frames[activation.place.frame]
    _apply_effects(core, frame, outcome.effects, changes)
    step = frame.definition.steps[activation.step]
    if outcome.branches is not None:
        choose(core, step, activation, outcome.branches)
    elif step.sub is not None:
        enter_sub_flow(core, step, activation.signal)
    elif not outcome.has_paused:
        core.leave(step, outcome.output, activation.place)


def _apply_effects(core: Core, frame: Frame, effects: Iterable[tuple[Any, ...]], changes: Changes) -> None:
    for kind, *arguments in effects:
        if kind == "emit":
            emit(core, frame.number, arguments[0], arguments[1], changes)
        elif kind == "pause":
            _open(core, arguments[0], changes)
        elif kind == "stream":
            changes.streamed.append(arguments[0])
        elif kind == "result":
            frame.result = arguments[0]
        else:
            tell_of_state(core, frame, arguments[0])


def _open(core: Core, interrupt: Interrupt, changes: Changes) -> None:
    if interrupt.timers:
        interrupt.begin(core.clock())
    core.interrupts[interrupt.id] = interrupt
    core.open.enter(interrupt.place)
    changes.opened.append(interrupt)
