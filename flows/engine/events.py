"""What an event, or a change of the state, sets going."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING, Any

from flows.engine.frames import Frame
from flows.engine.signals import STATE, Changes, Place
from flows.engine.state import get_in

if TYPE_CHECKING:
    from flows.engine.core import Core


def emit(
    core: Core, number: int, event: str, value: Any, changes: Changes, resolves: Container[str] | None = None
) -> None:
    """Start what listens to `event` in the frame, and resolve the interrupts there that wait on it, or
    those of them that are in `resolves`."""
    start_chains(core, core.frames[number], event, value)
    if number == 0:
        changes.emitted.append((event, value))
    for interrupt in [i for i in core.interrupts.values() if i.awaits(event, number)]:
        if resolves is not None and interrupt.id not in resolves:
            continue
        del core.interrupts[interrupt.id]
        core.open.leave(interrupt.place)
        if interrupt in changes.opened:
            changes.opened.remove(interrupt)
        else:
            changes.closed.append(interrupt.id)


def emit_from_outside(
    core: Core, event: str, value: Any, resolves: Container[str] | None, changes: Changes
) -> None:
    """Emit in the flow itself, and in each sub flow that waits on `event`: its interrupts are the
    execution's."""
    waiting = [i for i in core.interrupts.values() if i.awaited_event == event]
    resolved = [i.place.frame for i in waiting if resolves is None or i.id in resolves]
    for number in dict.fromkeys([0, *resolved]):
        emit(core, number, event, value, changes, resolves)


def tell_of_state(core: Core, frame: Frame, path: tuple[str, ...]) -> None:
    """Start what listens to changes of the state at `path`."""
    start_chains(core, frame, STATE + ".".join(path), get_in(frame.state, path))


def start_chains(core: Core, frame: Frame, event: str, value: Any) -> None:
    """Start what listens to `event` in this frame."""
    for step in frame.definition.listeners.get(event, ()):
        core.send(step, value, Place(frame.number, None, event))


def kind_and_name(event: str) -> tuple[str, str]:
    """("state", "a.b") for a change of the state there, else ("event", its name)."""
    return ("state", event.removeprefix(STATE)) if event.startswith(STATE) else ("event", event)
