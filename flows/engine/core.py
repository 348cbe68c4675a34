"""The state of one execution and every change to it. No I/O, no clock, no threads of its own.

A host takes activations, runs their chunks, and commits what came out; answers and events come
in between. Whatever is not committed is, in the snapshot, not yet run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from flows.engine import snapshot
from flows.engine.canonical import printable
from flows.engine.definition import Definition, Step
from flows.engine.errors import DuplicateInterrupt, UnknownInterrupt
from flows.engine.routing import enter
from flows.engine.signals import (
    START,
    UNSET,
    Activation,
    Changes,
    Failure,
    Interrupt,
    Join,
    Outcome,
    Scope,
    Signal,
)
from flows.engine.state import append_in, del_in, set_in
from flows.engine.states import TERMINAL, Move, Status, after

STATE_EFFECTS: dict[str, Callable[..., Any]] = {"set": set_in, "append": append_in, "del": del_in}


class Core:
    """One execution. All values in and out are tagged JSON.

    Not thread-safe: its host calls it from one thread at a time. Reading `state` from other
    threads is safe, because trees of state are replaced and never changed.
    """

    __slots__ = (
        "definition",
        "done",
        "execution_id",
        "failures",
        "input",
        "interrupts",
        "joins",
        "ready",
        "reason",
        "result",
        "running",
        "seq",
        "signals",
        "state",
        "status",
    )

    def __init__(self, definition: Definition, execution_id: str) -> None:
        self.definition = definition
        self.execution_id = execution_id
        self.status = Status.CREATED
        self.input: Any = None
        self.state: dict[str, Any] = {}
        self.result: Any = UNSET
        self.reason: str | None = None  # why it was cancelled
        self.seq = 0  # the last number given to an activation or a join
        self.ready: dict[int, Activation] = {}
        self.running: dict[int, Activation] = {}
        self.failures: list[Failure] = []
        self.joins: dict[int, Join] = {}
        self.interrupts: dict[str, Interrupt] = {}
        self.done: dict[str, int] = {}
        self.signals: deque[Signal] = deque()  # empty between calls

    @classmethod
    def create(cls, definition: Definition, execution_id: str) -> Core:
        """A new execution, not started."""
        return cls(definition, execution_id)

    @classmethod
    def load(cls, definition: Definition, data: dict[str, Any]) -> Core:
        """The execution that `save` wrote; raises SnapshotMismatch or NeedsMigration (see `snapshot`)."""
        core = cls(definition, data.get("execution_id", ""))
        snapshot.load(core, data)
        return core

    def save(self) -> dict[str, Any]:
        """Everything as JSON-ready data; what runs at this moment is in it as not yet run."""
        return snapshot.save(self)

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs and nothing could be started."""
        return not self.running and (not self.ready or self.status is Status.FAILED)

    # -- what a host calls ------------------------------------------------------
    def start(self, value: Any) -> None:
        """Send the input down every chain that starts on the flow; raises IllegalMove the second time."""
        self._move(Move.START)
        self.input = value
        for step in self.definition.starts:
            self.send(step, value, None, START)
        self._flow()

    def take(self, limit: int | None = None) -> list[Activation]:
        """At most `limit` activations, now running, oldest first; [] when failed, ended or none is ready."""
        if not self.ready or self.status is Status.FAILED or self.status in TERMINAL:
            return []
        taken = list(self.ready.values())[:limit]
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
        state = self.state
        if outcome.error is None:
            try:
                state = self._checked(outcome)
            except ValueError as error:
                outcome.error = error
        if outcome.error is not None:
            self._fail(activation, outcome.error)
            return changes
        self.state = state
        self._apply(activation, outcome, changes)
        self._flow()
        return changes

    def resume(self, interrupt_id: str, value: Any, response: dict[str, Any] | None = None) -> Changes:
        """Close one interrupt and send its answer on; nothing else is touched. Raises UnknownInterrupt."""
        interrupt = self.interrupts.pop(interrupt_id, None)
        if interrupt is None:
            raise UnknownInterrupt(interrupt_id)
        changes = Changes()
        if interrupt.target == "self":
            resume = {
                "interrupt_id": interrupt_id,
                "value": value,
                "interrupt": {"id": interrupt_id, "type": interrupt.type, "payload": interrupt.payload},
                "response": response,
            }
            self.activate(Signal(interrupt.step, interrupt.value, interrupt.scope, interrupt.event), resume)
        elif interrupt.awaited_event is not None:
            self._emit(interrupt.awaited_event, value, changes)
        else:
            self.leave(self.definition.steps[interrupt.step], value, interrupt.scope, interrupt.event)
        self._flow()
        return changes

    def emit(self, event: str, value: Any) -> Changes:
        """Start the chains that listen to `event`, and resolve the interrupts that wait on it."""
        changes = Changes()
        self._emit(event, value, changes)
        self._flow()
        return changes

    def retry(self) -> None:
        """Make what failed ready again, each with one attempt more; raises IllegalMove unless failed."""
        self._move(Move.RETRY)
        for failure in self.failures:
            failure.activation.attempt += 1
            self.ready[failure.activation.id] = failure.activation
        self.failures = []
        self._settle()

    def cancel(self, reason: str | None = None) -> Changes:
        """End it for good: nothing more starts, what runs is not committed, no interrupt waits on."""
        self._move(Move.CANCEL)
        self.reason = reason
        closed = list(self.interrupts)
        self.ready, self.running, self.failures, self.joins, self.interrupts = {}, {}, [], {}, {}
        return Changes(closed=closed)

    def complete(self) -> None:
        """End it as done; raises IllegalMove unless it is idle and waits for nothing."""
        self._move(Move.COMPLETE)

    # -- what routing calls -----------------------------------------------------
    def next_number(self) -> int:
        self.seq += 1
        return self.seq

    def send(self, step: str, value: Any, scope: Scope, event: str) -> None:
        """Put a signal on its way to `step`."""
        self.signals.append(Signal(step, value, scope, event))

    def leave(self, step: Step, value: Any, scope: Scope, event: str) -> None:
        """`step` is done: its output goes to every step behind it."""
        self.done[step.id] = self.done.get(step.id, 0) + 1
        for following in step.next:
            self.send(following, value, scope, event)

    def activate(self, signal: Signal, resume: dict[str, Any] | None = None) -> None:
        """Make a chunk ready to run on `signal`."""
        number = self.next_number()
        self.ready[number] = Activation(
            number, signal.step, signal.value, signal.scope, signal.event, 1, resume
        )

    # -- inside -----------------------------------------------------------------
    def _move(self, move: Move) -> None:
        self.status = after(self.status, move)

    def _flow(self) -> None:
        """Let signals travel until each has become an activation or has been collected."""
        while self.signals:
            enter(self, self.signals.popleft())
        self._settle()

    def _settle(self) -> None:
        """Waiting if and only if something is waited for and nothing runs or could run."""
        waits = bool(self.interrupts) and not self.ready and not self.running
        if waits and self.status is Status.RUNNING:
            self._move(Move.WAIT)
        elif not waits and self.status is Status.WAITING:
            self._move(Move.WAKE)

    def _fail(self, activation: Activation, error: Exception) -> None:
        self.failures.append(Failure(activation, type(error).__name__, _text(error)))
        self._move(Move.FAIL)

    def _checked(self, outcome: Outcome) -> dict[str, Any]:
        """The state after `outcome`; raises before anything has been changed."""
        state = self.state
        for kind, *arguments in outcome.effects:
            if kind in STATE_EFFECTS:
                state = STATE_EFFECTS[kind](state, *arguments)
            elif kind == "pause" and arguments[0].id in self.interrupts:
                raise DuplicateInterrupt(arguments[0].id)
        return state

    def _apply(self, activation: Activation, outcome: Outcome, changes: Changes) -> None:
        paused = False
        for kind, *arguments in outcome.effects:
            if kind == "pause":
                paused = True
                self.interrupts[arguments[0].id] = arguments[0]
                changes.opened.append(arguments[0])
            elif kind == "emit":
                self._emit(arguments[0], arguments[1], changes)
            elif kind == "result":
                self.result = arguments[0]
        step = self.definition.steps[activation.step]
        if outcome.branch is not None:
            self.done[step.id] = self.done.get(step.id, 0) + 1
            self.send(outcome.branch, activation.value, activation.scope, activation.event)
        elif not paused:
            self.leave(step, outcome.output, activation.scope, activation.event)

    def _emit(self, event: str, value: Any, changes: Changes) -> None:
        for step in self.definition.listeners.get(event, ()):
            self.send(step, value, None, event)
        for interrupt in [i for i in self.interrupts.values() if i.awaited_event == event]:
            del self.interrupts[interrupt.id]
            if interrupt in changes.opened:
                changes.opened.remove(interrupt)
            else:
                changes.closed.append(interrupt.id)


def _text(error: Exception) -> str:
    try:
        return printable(str(error))
    except Exception:  # an author's own __str__
        return ""
