"""The state of one execution and every change to it. No I/O, no clock, no threads of its own.

A host takes activations, runs their chunks, and commits what came out; answers and events come
in between. Whatever is not committed is, in the snapshot, not yet run.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import Any

from flows.engine import snapshot
from flows.engine.definition import Definition, Step
from flows.engine.effects import state_after
from flows.engine.errors import UnknownInterrupt, text_of
from flows.engine.events import emit, emit_from_outside, tell_of_state
from flows.engine.frames import Frame
from flows.engine.occupancy import Occupancy
from flows.engine.routing import choose, end_empty, enter
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


class Core:
    """One execution. All values in and out are tagged JSON.

    Not thread-safe: its host calls it from one thread at a time. Reading `state` from other
    threads is safe, because trees of state are replaced and never changed.
    """

    __slots__ = (
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

    def __init__(self, definition: Definition, execution_id: str) -> None:
        self.execution_id = execution_id
        self.status = Status.CREATED
        self.input: Any = None
        self.reason: str | None = None  # why it was cancelled
        self.skips_errors = False  # its host's wish, not saved
        self.seq = 0  # the last number given to an activation, a join or a frame
        self.frames = {0: Frame(0, definition)}
        self.ready: dict[int, Activation] = {}
        self.running: dict[int, Activation] = {}
        self.failures: list[Failure] = []
        self.joins: dict[int, Join] = {}
        self.gathered: dict[int, dict[tuple[str, str | None], Gathered]] = {}  # by owner and spot
        self.open = Occupancy()
        self.interrupts: dict[str, Interrupt] = {}
        self.signals: deque[Signal] | None = None  # only while signals travel

    @classmethod
    def create(cls, definition: Definition, execution_id: str) -> Core:
        """A new execution, not started."""
        return cls(definition, execution_id)

    @classmethod
    def load(cls, definition: Definition, data: dict[str, Any]) -> Core:
        """The execution that `save` wrote; raises SnapshotMismatch or NeedsMigration (see `snapshot`)."""
        core = cls(definition, "")
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
        """Whether nothing runs and nothing could be started."""
        return not self.running and (not self.ready or self.status is Status.FAILED)

    def step_of(self, activation: Activation) -> Step:
        return self.frames[activation.place.frame].definition.steps[activation.step]

    # -- what a host calls ------------------------------------------------------
    def start(self, value: Any) -> None:
        """Send the input down every chain that starts on the flow; raises IllegalMove the second time."""
        self._move(Move.START)
        self.input = value
        self.begin(self.frames[0], value)
        self._flow()

    def take(self, limit: int | None = None) -> list[Activation]:
        """At most `limit` activations, now running, oldest first; [] when failed, ended or none is ready."""
        if not self.ready or self.status is Status.FAILED or self.status in TERMINAL:
            return []
        taken = list(islice(self.ready.values(), limit))
        for activation in taken:
            del self.ready[activation.id]
            self.running[activation.id] = activation
        return taken

    def give_back(self, activation: Activation) -> None:
        """Undo `take` for an activation that was not run to its end."""
        if self.running.pop(activation.id, None):
            self.ready[activation.id] = activation

    def commit(self, activation: Activation, outcome: Outcome) -> Changes:
        """Apply what a chunk did, in one piece, or nothing of it when it raised.

        After `cancel` the outcome is dropped. An outcome that cannot be applied (a state path or
        an interrupt id that a sibling has taken meanwhile) counts as raised: see `failures`.
        """
        changes = Changes()
        if self.running.pop(activation.id, None) is None:
            return changes
        frame = self.frames[activation.place.frame]
        if outcome.error is None:
            try:
                frame.state = state_after(frame.state, outcome.effects, taken=self.interrupts)
            except ValueError as error:
                outcome.error = error
        if outcome.error is not None:
            self._fail(activation, outcome.error)
            self._flow()
            return changes
        self.open.leave(activation.place)
        self._apply(frame, activation, outcome, changes)
        self._flow()
        return changes

    def resume(self, interrupt_id: str, value: Any, response: dict[str, Any] | None = None) -> Changes:
        """Close one interrupt and send its answer on; nothing else is touched. Raises UnknownInterrupt."""
        interrupt = self.interrupts.pop(interrupt_id, None)
        if interrupt is None:
            raise UnknownInterrupt(interrupt_id)
        self.open.leave(interrupt.place)
        changes = Changes()
        if interrupt.target == "self":
            resume = interrupt.resumed(value, response)
            self.activate(Signal(interrupt.step, interrupt.value, interrupt.place), resume)
        elif interrupt.awaited_event is not None:
            emit(self, interrupt.place.frame, interrupt.awaited_event, value, changes)
        else:
            step = self.frames[interrupt.place.frame].definition.steps[interrupt.step]
            self.leave(step, value, interrupt.place)
        self._flow()
        return changes

    def emit(self, event: str, value: Any) -> Changes:
        """Start the chains that listen to `event`, and resolve the interrupts that wait on it."""
        changes = Changes()
        emit_from_outside(self, event, value, changes)
        self._flow()
        return changes

    def retry(self) -> None:
        """Make what failed ready again, each with one attempt more; raises IllegalMove unless failed."""
        self._move(Move.RETRY)
        for failure in self.failures:
            failure.activation.attempt, failure.activation.delay = failure.activation.attempt + 1, 0.0
            self.ready[failure.activation.id] = failure.activation
        self.failures = []
        self._settle()

    def cancel(self, reason: str | None = None) -> Changes:
        """End it for good: nothing more starts, what runs is not committed, no interrupt waits on."""
        self._move(Move.CANCEL)
        self.reason = reason
        closed = list(self.interrupts)
        self.ready, self.running, self.failures, self.interrupts = {}, {}, [], {}
        self.joins, self.gathered, self.frames = {}, {}, {0: self.frames[0]}
        self.open = Occupancy()
        return Changes(closed=closed)

    def complete(self) -> None:
        """End it as done; raises IllegalMove unless it is idle and waits for nothing."""
        self._move(Move.COMPLETE)

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

    def activate(self, signal: Signal, resume: dict[str, Any] | None = None) -> None:
        """Make a chunk ready to run on `signal`."""
        number = self.next_number()
        self.open.enter(signal.place)
        self.ready[number] = Activation(number, signal.step, signal.value, signal.place, 1, resume)

    # -- inside -----------------------------------------------------------------
    def _move(self, move: Move) -> None:
        self.status = after(self.status, move)

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
        waits = bool(self.interrupts) and not self.ready and not self.running
        if waits and self.status is Status.RUNNING:
            self._move(Move.WAIT)
        elif not waits and self.status is Status.WAITING:
            self._move(Move.WAKE)

    def _fail(self, activation: Activation, error: Exception) -> None:
        options = self.step_of(activation).options
        if activation.attempt <= options.retries:
            activation.attempt, activation.delay = activation.attempt + 1, options.retry_delay
            self.ready[activation.id] = activation
            return
        if self.skips_errors:
            self.open.leave(activation.place)
            return
        self.failures.append(Failure(activation, type(error).__name__, text_of(error)))
        self._move(Move.FAIL)

    def _apply(self, frame: Frame, activation: Activation, outcome: Outcome, changes: Changes) -> None:
        for kind, *arguments in outcome.effects:
            if kind == "emit":
                emit(self, frame.number, arguments[0], arguments[1], changes)
            elif kind == "pause":
                self.interrupts[arguments[0].id] = arguments[0]
                self.open.enter(arguments[0].place)
                changes.opened.append(arguments[0])
            elif kind == "stream":
                changes.streamed.append(arguments[0])
            elif kind == "result":
                frame.result = arguments[0]
            else:
                tell_of_state(self, frame, arguments[0])
        step = frame.definition.steps[activation.step]
        if outcome.branches is not None:
            choose(self, step, activation, outcome.branches)
        elif not outcome.has_paused:
            self.leave(step, outcome.output, activation.place)
