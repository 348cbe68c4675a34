"""The state of one execution and every change to it. No I/O, no clock of its own, no threads.

A host takes activations, runs their chunks, and commits what came out; answers and events come
in between. Whatever is not committed is, in the snapshot, not yet run.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Container, Iterator
from itertools import islice
from typing import Any

from flows.engine import failing, snapshot
from flows.engine.definition import Definition, Step
from flows.engine.effects import apply, state_after
from flows.engine.errors import UnknownInterrupt
from flows.engine.events import emit, emit_from_outside
from flows.engine.frames import Frame
from flows.engine.occupancy import Occupancy
from flows.engine.routing import end_empty, enter
from flows.engine.signals import (
    START,
    Activation,
    Changes,
    Failure,
    Gathered,
    Interrupt,
    Join,
    Outcome,
    Place,
    Signal,
)
from flows.engine.states import TERMINAL, Move, Status, after

Clock = Callable[[], float]


class Core:
    """One execution. All values in and out are tagged JSON.

    Not thread-safe: its host calls it from one thread at a time. Reading `state` from other
    threads is safe, because trees of state are replaced and never changed. `clock` gives instants
    (see `timers`).
    """

    __slots__ = (
        "away",
        "clock",
        "close_at",
        "execution_id",
        "failures",
        "frames",
        "gathered",
        "input",
        "interrupts",
        "joins",
        "open",
        "ready",
        "reason",
        "running",
        "seq",
        "signals",
        "skips_errors",
        "status",
    )

    def __init__(self, definition: Definition, execution_id: str, clock: Clock = time.time) -> None:
        self.clock = clock
        self.execution_id = execution_id
        self.status = Status.CREATED
        self.input: Any = None
        self.reason: str | None = None  # why it was cancelled
        self.skips_errors = False  # its host's wish, not saved
        self.close_at: float | None = None  # its host's note: when it ends unless something happens
        self.seq = 0  # the last number given to an activation, a join or a frame
        self.frames = {0: Frame(0, definition)}
        self.ready: dict[int, Activation] = {}
        self.running: dict[int, Activation] = {}
        self.away: dict[int, Activation] = {}  # runs where its host has sent it
        self.failures: list[Failure] = []
        self.joins: dict[int, Join] = {}
        self.gathered: dict[int, dict[tuple[str, str | None], Gathered]] = {}  # by owner and spot
        self.open = Occupancy()
        self.interrupts: dict[str, Interrupt] = {}
        self.signals: deque[Signal] | None = None  # only while signals travel

    @classmethod
    def create(cls, definition: Definition, execution_id: str, clock: Clock = time.time) -> Core:
        return cls(definition, execution_id, clock)

    @classmethod
    def load(cls, definition: Definition, data: dict[str, Any], clock: Clock = time.time) -> Core:
        """The execution that `save` wrote; raises SnapshotMismatch or NeedsMigration (see `snapshot`)."""
        core = cls(definition, "", clock)
        snapshot.load(core, data)
        return core

    def save(self) -> dict[str, Any]:
        """Everything as JSON-ready data; what runs at this moment is in it as not yet run."""
        return snapshot.save(self)

    # -- what it is -------------------------------------------------------------
    @property
    def definition(self) -> Definition:
        return self.frames[0].definition

    @property
    def state(self) -> dict[str, Any]:
        """The flow's own state; sub flows have theirs."""
        return self.frames[0].state

    @property
    def result(self) -> Any:
        """What `set_result` was given; UNSET before."""
        return self.frames[0].result

    @property
    def done(self) -> dict[str, int]:
        """How often each step of the flow itself was finished."""
        return self.frames[0].done

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs, here or away, and nothing could be started."""
        return not self.running and not self.away and (not self.ready or self.status is Status.FAILED)

    def step_of(self, activation: Activation) -> Step:
        return self.frames[activation.place.frame].definition.steps[activation.step]

    # -- what a host calls ------------------------------------------------------
    def start(self, value: Any) -> None:
        """Send the input down every chain that starts on the flow; raises IllegalMove the second time."""
        self.move(Move.START)
        self.input = value
        self.begin(self.frames[0], value)
        self._flow()

    def startable(self, now: float) -> Iterator[Activation]:
        """What could start at the instant `now`, oldest first; nothing when failed or ended."""
        if self.ready and self.status is not Status.FAILED and self.status not in TERMINAL:
            yield from (activation for activation in self.ready.values() if activation.not_before <= now)

    def take(
        self,
        limit: int | None = None,
        now: float | None = None,
        *,
        where: Callable[[Activation], bool] = lambda _: True,
    ) -> list[Activation]:
        """At most `limit` of the startable activations for which `where` holds, now running; [] when there
        are none."""
        if not self.ready:
            return []
        startable = self.startable(self.clock() if now is None else now)
        taken = list(islice(filter(where, startable), limit))
        for activation in taken:
            del self.ready[activation.id]
            self.running[activation.id] = activation
        return taken

    def give_back(self, activation: Activation) -> None:
        """Undo `take` for an activation that was not run to its end."""
        if self.running.pop(activation.id, None):
            self.ready[activation.id] = activation

    def commit(self, activation: Activation, outcome: Outcome) -> Changes:
        """Apply what a chunk did, here or away, in one piece, or nothing of it when it raised.

        After `cancel` the outcome is dropped. An outcome that cannot be applied (a state path or
        an interrupt id that a sibling has taken meanwhile) counts as raised: see `failures`.
        """
        changes = Changes()
        if self.running.pop(activation.id, None) is None and self.away.pop(activation.id, None) is None:
            return changes
        activation.away = None
        frame = self.frames[activation.place.frame]
        if outcome.error is None:
            try:
                frame.state = state_after(frame.state, outcome.effects, taken=self.interrupts)
            except ValueError as error:
                outcome.error = error
        if outcome.error is not None:
            failing.fail(self, activation, outcome.error)
            self._flow()
            return changes
        self.open.leave(activation.place)
        apply(self, activation, outcome, changes)
        self._flow()
        return changes

    def resume(self, interrupt_id: str, value: Any, response: dict[str, Any] | None = None) -> Changes:
        """Close one interrupt and send its answer on; nothing else is touched. Raises UnknownInterrupt."""
        interrupt = self.interrupts.pop(interrupt_id, None)
        if interrupt is None:
            raise UnknownInterrupt(interrupt_id)
        self.open.leave(interrupt.place)
        changes, self.close_at = Changes(), None
        if interrupt.target == "self":
            self.activate(interrupt.signal, interrupt.resumed(value, response), interrupt.resumes + 1)
        elif interrupt.awaited_event is not None:
            emit(self, interrupt.place.frame, interrupt.awaited_event, value, changes)
        else:
            step = self.frames[interrupt.place.frame].definition.steps[interrupt.step]
            self.leave(step, value, interrupt.place)
        self._flow()
        return changes

    def expire(self, interrupt_id: str) -> None:
        """Close one interrupt because its time is over, as a failure of the chunk that asked; `retry` asks
        again. Raises UnknownInterrupt."""
        failing.expire(self, interrupt_id)
        self._flow()

    def emit(
        self, event: str, value: Any, resolves: Container[str] | None = None, frame: int | None = None
    ) -> Changes:
        """Start the chains that listen to `event`, and resolve the interrupts that wait on it, or those of
        them that are in `resolves`; in one frame, or wherever it concerns somebody."""
        changes = Changes()
        if frame is None:
            emit_from_outside(self, event, value, resolves, changes)
        else:
            emit(self, frame, event, value, changes, resolves)
        self._flow()
        return changes

    def retry(self) -> None:
        """Make what failed ready again, each with one attempt more; raises IllegalMove unless failed."""
        self.move(Move.RETRY)
        failing.retry(self)
        self._settle()

    def cancel(self, reason: str | None = None) -> Changes:
        """End it for good: nothing more starts, what runs is not committed, no interrupt waits on."""
        self.move(Move.CANCEL)
        self.reason = reason
        closed = list(self.interrupts)
        self.ready, self.running, self.away, self.failures, self.interrupts = {}, {}, {}, [], {}
        self.joins, self.gathered, self.frames = {}, {}, {0: self.frames[0]}
        self.open = Occupancy()
        return Changes(closed=closed)

    def complete(self) -> None:
        """End it as done; raises IllegalMove unless it is idle and waits for nothing."""
        self.move(Move.COMPLETE)

    # -- what routing calls -----------------------------------------------------
    def next_number(self) -> int:
        self.seq += 1
        return self.seq

    def begin(self, frame: Frame, value: Any) -> None:
        """Send `value` down every chain that starts on the frame's flow."""
        for step in frame.definition.starts:
            self.send(step, value, Place(frame.number, None, START))

    def send(self, step: str, value: Any, place: Place) -> None:
        """Put a signal on its way to `step`."""
        if self.signals is None:
            self.signals = deque()
        self.signals.append(Signal(step, value, place))

    def leave(self, step: Step, value: Any, place: Place) -> None:
        """`step` is done: its output goes to every step behind it."""
        self.frames[place.frame].count(step.id)
        for following in step.next:
            self.send(following, value, place)

    def activate(self, signal: Signal, resume: dict[str, Any] | None = None, resumes: int = 0) -> None:
        """Make a chunk ready to run on `signal`."""
        number, self.close_at = self.next_number(), None
        self.open.enter(signal.place)
        self.ready[number] = Activation(
            number, signal.step, signal.value, signal.place, resume=resume, resumes=resumes
        )

    def move(self, move: Move) -> None:
        """Change the status; raises IllegalMove."""
        self.status = after(self.status, move)

    # -- inside -----------------------------------------------------------------
    def _flow(self) -> None:
        """Let signals travel until each has become an activation or has been collected."""
        empty = None
        while self.signals or (empty := self.open.next_empty()) is not None:
            if self.signals:
                enter(self, self.signals.popleft())
            elif empty is not None:
                end_empty(self, empty)
        self.signals = None
        self._settle()

    def _settle(self) -> None:
        """Waiting if and only if something is waited for and nothing runs or could run."""
        waits = bool(self.interrupts) and not (self.ready or self.running or self.away)
        if waits and self.status is Status.RUNNING:
            self.move(Move.WAIT)
        elif not waits and self.status is Status.WAITING:
            self.move(Move.WAKE)
