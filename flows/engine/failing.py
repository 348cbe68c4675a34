"""What happens when a chunk raises, and when it is sent to work again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.engine.errors import InterruptExpired, UnknownInterrupt, text_of, type_of
from flows.engine.signals import Activation, Failure
from flows.engine.states import Move, Status
from flows.engine.timers import delay_before

if TYPE_CHECKING:
    from flows.engine.core import Core


def fail(core: Core, activation: Activation, error: Exception) -> None:
    """Let `activation`, which has raised, run again later if its chunk has retries left."""
    options = core.step_of(activation).options
    if activation.attempt > options.retries:
        _give_up(core, activation, error)
        return
    if delay := delay_before(activation, options, core.execution_id):
        activation.not_before = core.clock() + delay
    activation.attempt += 1
    core.ready[activation.id] = activation


def expire(core: Core, interrupt_id: str) -> None:
    """Close an interrupt as a failure of the chunk that asked; raises UnknownInterrupt."""
    interrupt = core.interrupts.pop(interrupt_id, None)
    if interrupt is None:
        raise UnknownInterrupt(interrupt_id)
    activation = Activation(core.next_number(), interrupt.step, interrupt.value, interrupt.place)
    _give_up(core, activation, InterruptExpired(interrupt_id))


def retry(core: Core) -> None:
    """Make everything that failed ready again, at once and with one attempt more."""
    for failure in core.failures:
        activation = failure.activation
        activation.attempt, activation.not_before = activation.attempt + 1, 0.0
        core.ready[activation.id] = activation
    core.failures = []


def _give_up(core: Core, activation: Activation, error: Exception) -> None:
    if core.skips_errors:
        core.open.leave(activation.place)
        return
    core.failures.append(Failure(activation, type_of(error), text_of(error)))
    if core.status is Status.WAITING:
        core.move(Move.WAKE)
    core.move(Move.FAIL)
