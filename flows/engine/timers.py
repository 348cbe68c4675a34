"""What waits for a point in time. An instant is in seconds since 1970, by the clock of the host.

The core never looks at a clock to see what is due: its host does, and tells it.
"""

from __future__ import annotations

import zlib
from collections.abc import Container
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from flows.engine.states import TERMINAL, Status

if TYPE_CHECKING:
    from flows.engine.chunk import Options
    from flows.engine.core import Core
    from flows.engine.signals import Activation, Interrupt

LONGEST_DELAY = 3600.0  # seconds between two attempts
JITTER = 0.25


class TimerKind(StrEnum):
    REMIND = "remind"
    DUE = "due"
    EXPIRE = "expire"


SHOWN = {TimerKind.DUE: "due_at", TimerKind.EXPIRE: "expires_at"}  # where in the options people see them


class Timer(NamedTuple):
    """Something that happens to an interrupt: `at` an instant, or seconds from its opening before that."""

    at: float
    kind: TimerKind


def next_instant(core: Core, settled: Container[str] = (), *, full: bool = False) -> float | None:
    """When the execution has to be looked at although nothing else happens to it; None: never.

    `settled` are interrupts whose answer is on its way: their timers are over. `full`: nothing more may
    start until something ends, whatever its time is.
    """
    if core.status is Status.FAILED or core.status in TERMINAL:
        return None
    ready = () if full else core.ready.values()
    instants = [activation.not_before for activation in ready if activation.not_before]
    instants += [i.timers[0].at for i in core.interrupts.values() if i.timers and i.id not in settled]
    if core.close_at is not None:
        instants.append(core.close_at)
    return min(instants, default=None)


def fire(core: Core, now: float, settled: Container[str] = ()) -> list[tuple[Interrupt, TimerKind]]:
    """What has come due by `now`; the host does what follows from it. Reminders and due dates come once, an
    expiry until its interrupt is resolved: with `expire`, or through the host's own door."""
    if core.status is Status.FAILED or core.status in TERMINAL:
        return []
    fired = []
    for interrupt in core.interrupts.values():
        if interrupt.timers and interrupt.id not in settled:
            fired += [(interrupt, timer.kind) for timer in interrupt.timers if timer.at <= now]
            interrupt.timers = [t for t in interrupt.timers if t.at > now or t.kind is TimerKind.EXPIRE]
    return fired


def delay_before(activation: Activation, options: Options, execution_id: str) -> float:
    """Seconds to wait before the activation's next attempt.

    Doubled by each attempt (`retry_backoff`), at most an hour, and up to a quarter longer, so that what
    failed together does not come back together.
    """
    delay = options.retry_delay * options.retry_backoff ** min(activation.attempt - 1, 60)
    spread = zlib.crc32(f"{execution_id}:{activation.id}:{activation.attempt}".encode()) / 2**32
    return float(min(delay, LONGEST_DELAY) * (1 + JITTER * spread))
