"""One execution while a worker holds it: what is known of it and what is not yet committed."""

import json
import logging
from typing import Any
from uuid import UUID

from flows import conf, engine, registry
from flows.live import hints
from flows.models import EventKind, MessageKind
from flows.services.questions import opened
from flows.store.commits import Commit, Committed, Opened
from flows.store.doors import CLOSED_BY_EVENT
from flows.store.queue import Claim, Mail
from flows.worker import parking
from flows.worker.chores import Chore, ChoreKind
from flows.worker.clock import Clock

log = logging.getLogger(__name__)

MOST_REPORTS = 100  # of one chunk
TOLD = {
    engine.TimerKind.REMIND: EventKind.INTERRUPT_REMINDED,
    engine.TimerKind.DUE: EventKind.INTERRUPT_OVERDUE,
}


class Held:
    """All calls come from the dispatcher's thread; chunks in other threads only read `core`.

    `unsaved` says whether memory is ahead of the database, `finished` whether a chunk's outcome is
    part of that: then nothing of this execution may start before the commit.
    """

    def __init__(self, claim: Claim, clock: Clock) -> None:
        self._clock = clock
        self.id: UUID = claim.id
        self.flow = claim.flow
        self.epoch = claim.epoch
        self.claims = claim.claims
        self.message_seq = claim.message_seq
        self.requester_id = claim.requester_id
        self.core: engine.Core | None = None
        self.parked: parking.Parked | None = None
        self.error: dict[str, Any] | None = None
        self.registration: registry.Registration | None = None
        self._mail_at: float | None = None  # when the first message that is not due has to be read again
        self._answered: set[str] = set()  # interrupts whose answer is not due yet
        self._early: set[str] = set()  # interrupts whose answer came before them
        self._patient_until = 0.0
        self.finished = False
        self.unsaved = claim.snapshot is None
        self._open(claim)

    # -- what happens to it -------------------------------------------------------
    def receive(self, mail: Mail) -> bool:
        """Apply the messages that are due, and say whether there were any; what cannot run keeps them."""
        self.message_seq = max(self.message_seq, mail.message_seq)
        before = len(self._applied)
        later = [message for message in mail.messages if message.due_at is not None]
        self._mail_at = min((message.due_at for message in later if message.due_at), default=None)
        self._answered = {message.body["key"] for message in later}
        self._early = {m.body["key"] for m in mail.messages if m.kind == MessageKind.EARLY}
        for message in mail.messages:
            if self.core is None or message in later or message.kind == MessageKind.EARLY:
                continue
            if message.id not in self._applied:
                self._apply(self.core, message.kind, message.body)
                self._applied.append(message.id)
                self.unsaved = True
        return len(self._applied) > before

    def fire(self) -> list[Chore]:
        """Take note of what the time has brought, and say what a service has to do about it."""
        now = self._clock.earliest()
        if self.core is None or now < self._patient_until:
            return []
        chores = [Chore(ChoreKind.DELIVER, key) for key in self._deliverable()]
        for interrupt, kind in engine.fire(self.core, now, self._answered):
            if kind is engine.TimerKind.EXPIRE:
                chores.append(Chore(ChoreKind.EXPIRE, interrupt.id))
            else:
                self._events.append((TOLD[kind], None, interrupt.id))
                self.unsaved = self.finished = True
        return chores

    def be_patient(self) -> None:
        """A chore had nothing to do: come back to it a little later."""
        self._patient_until = self._clock.earliest() + conf.get("FLOWS_POLL_SECONDS")

    def finish(self, activation: engine.Activation, outcome: engine.Outcome) -> None:
        """Take in what a chunk did."""
        assert self.core is not None
        self._changed(self.core.commit(activation, outcome))
        if outcome.error is not None and self.core.status is engine.Status.FAILED:
            self._failed(activation, outcome.error)
        self.finished = self.unsaved = True

    def park(self, reason: parking.Parked) -> None:
        """Set it aside; what is not committed is dropped."""
        log.warning("Set %s %s aside: %s", self.flow, self.id, reason)
        self.core, self.parked, self.error = None, reason, reason.error
        self._forget()
        self._events.append(_failure_event(self.error))

    def end(self) -> None:
        """Somebody else has it now: chunks of it that still run see that they are cancelled."""
        if self.core is not None and self.core.status not in engine.TERMINAL:
            self.core.cancel("taken over")

    # -- what to do with it -------------------------------------------------------
    @property
    def is_running(self) -> bool:
        return self.core is not None and bool(self.core.running)

    @property
    def is_hungry(self) -> bool:
        """Whether a chunk of it could start now."""
        core = self.core
        if core is None or self.finished or not core.ready:
            return False
        limit = self.registration.concurrency if self.registration else None
        return (limit is None or len(core.running) < limit) and self._can_start

    @property
    def is_settled(self) -> bool:
        """Whether nothing of it runs or could start."""
        return self.core is None or not (self.core.running or self._can_start)

    @property
    def _can_start(self) -> bool:
        return self.core is not None and any(self.core.startable(self._clock.earliest()))

    @property
    def instant(self) -> float | None:
        """When it has to be looked at next, in seconds since 1970; None: when something happens to it."""
        timer = None if self.core is None else engine.next_instant(self.core, self._answered)
        instants = [instant for instant in (timer, self._mail_at) if instant is not None]
        return max(min(instants), self._patient_until) if instants else None

    @property
    def mail_is_due(self) -> bool:
        """Whether a message was not due when it was read, and is now."""
        return self._mail_at is not None and self._mail_at <= self._clock.earliest()

    def take(self) -> list[engine.Activation]:
        """One activation to run now, or none."""
        return [] if self.core is None else self.core.take(1, self._clock.earliest())

    def commit(self, *, hand_back: bool = False) -> Commit:
        """Its state as a commit; with `hand_back` only running chunks keep it here."""
        if self.core is None:
            return self._parked_commit()
        core = self.core
        self._complete_when_due(core)
        return Commit(
            id=self.id,
            epoch=self.epoch,
            message_seq=self.message_seq,
            status=core.status.value,
            snapshot=engine.dump_json(core.save()),
            result=None if core.result is engine.UNSET else engine.dump_json(core.result),
            error=_text(self.error),
            claims=self._claims(hand_back),
            hold=bool(core.running) or not (self.is_settled or hand_back),
            wake=(hand_back and not self.is_settled) or self._is_awaited,
            wake_at=self.instant,
            opened=self._opened,
            closed=self._closed,
            applied=self._applied,
            events=self._events,
        )

    def committed(self, row: Committed) -> None:
        """The commit is in the database: memory and row agree."""
        self.epoch = row.epoch
        if self.finished:
            self.claims = 0
        self.finished = self.unsaved = False
        self._forget()

    def topics(self, row: Committed) -> set[str]:
        """What its next commit concerns; ask before `committed`."""
        return hints.topics_of(self.id, [row.audience, *(asked.audience for asked in self._opened)])

    def _complete_when_due(self, core: engine.Core) -> None:
        """End it once it has had nothing to do for as long as its author said."""
        if not core.is_idle or core.interrupts or core.status is not engine.Status.RUNNING:
            return
        timeout = self.registration.auto_close_timeout if self.registration else 0.0
        if timeout and core.close_at is None:
            core.close_at = self._clock.latest() + timeout
        if timeout == 0 or (core.close_at is not None and core.close_at <= self._clock.earliest()):
            core.close_at = None
            core.complete()
            self._events.append((EventKind.EXECUTION_COMPLETED, None, None))

    @property
    def _is_awaited(self) -> bool:
        """Whether an answer is there already for what is asked in this commit."""
        return any(row.key in self._early for row in self._opened)

    def _deliverable(self) -> set[str]:
        """Questions in the database whose answer came before them."""
        if not self._early or self.core is None:
            return set()
        return (self._early & self.core.interrupts.keys()) - {row.key for row in self._opened}

    def _claims(self, hand_back: bool) -> int:
        """Claims without progress so far; handing back on purpose is not held against it."""
        if self.finished or self.is_settled:
            return 0
        return self.claims - 1 if hand_back and not self.is_running else self.claims

    # -- inside -------------------------------------------------------------------
    def _forget(self) -> None:
        self._opened: list[Opened] = []
        self._closed: list[tuple[str, str]] = []
        self._applied: list[int] = []
        self._events: list[tuple[str, Any, str | None]] = []

    def _open(self, claim: Claim) -> None:
        self._forget()
        try:
            if parking.poisonous(claim):
                raise parking.poison()
            self.registration = registry.get(claim.flow)
            self.core = _load(claim, self.registration, self._clock)
        except parking.Parked as reason:
            self.park(reason)
        except parking.Unreadable as error:
            self.park(parking.unreadable(claim, error))

    def _apply(self, core: engine.Core, kind: str, body: Any) -> None:
        if kind == MessageKind.RETRY:
            if core.status is engine.Status.FAILED:
                core.retry()
                self.error = None
        elif kind == MessageKind.EMIT:
            self._changed(core.emit(body["event"], body["value"], body["resolves"]), closed_by_door=True)
        elif kind == MessageKind.EXPIRE:
            self._expire(core, body["key"])
        elif kind == MessageKind.ANSWER:
            self._answer(core, body)

    def _answer(self, core: engine.Core, body: dict[str, Any]) -> None:
        """An answer that was given while a chunk emitted the same event still emits it."""
        try:
            changes = core.resume(body["key"], body["value"], body["response"])
        except engine.UnknownInterrupt:
            log.warning("%s %s no longer waits for “%s”", self.flow, self.id, body["key"])
            if not body.get("event") or body["frame"] not in core.frames:
                return
            changes = core.emit(body["event"], body["value"], (), body["frame"])
        self._changed(changes)

    def _expire(self, core: engine.Core, key: str) -> None:
        try:
            core.expire(key)
        except engine.UnknownInterrupt:
            return
        if core.status is engine.Status.FAILED:
            failure = core.failures[-1]
            self._note_failure(parking.unanswered(failure))

    def _changed(self, changes: engine.Changes, *, closed_by_door: bool = False) -> None:
        self._report(changes.streamed)
        self._opened += [opened(i, flow=self.flow, requester_id=self.requester_id) for i in changes.opened]
        for key in () if closed_by_door else changes.closed:
            if not self._withdraw(key):
                self._closed.append((key, CLOSED_BY_EVENT))

    def _report(self, items: list[Any]) -> None:
        """Progress becomes history; of a flood only the end."""
        kept = items[-MOST_REPORTS:]
        self._events += [(EventKind.EXECUTION_REPORTED, {"item": item}, None) for item in kept]

    def _withdraw(self, key: str) -> bool:
        """Whether `key` was opened since the last commit, so that nobody has seen it."""
        kept = [row for row in self._opened if row.key != key]
        withdrawn = len(kept) < len(self._opened)
        self._opened = kept
        return withdrawn

    def _failed(self, activation: engine.Activation, error: Exception) -> None:
        self._note_failure(parking.described(activation.step, error))

    def _note_failure(self, error: dict[str, Any]) -> None:
        self.error = error
        self._events.append(_failure_event(error))
        log.warning("%s %s failed at %s: %s", self.flow, self.id, error["step"], error["message"])

    def _parked_commit(self) -> Commit:
        """Keeps the snapshot and the messages; poison keeps its count, so that only a retry runs it again."""
        poison = self.parked is not None and self.parked.type == parking.WORKER_LOST
        return Commit(
            id=self.id,
            epoch=self.epoch,
            message_seq=self.message_seq,
            status=engine.Status.FAILED.value,
            error=_text(self.error),
            claims=self.claims if poison else 0,
            events=self._events,
        )


def _load(claim: Claim, registration: registry.Registration, clock: Clock) -> engine.Core:
    definition = registration.flow.definition
    if claim.snapshot is not None:
        core = engine.Core.load(definition, json.loads(claim.snapshot), clock.latest)
    else:
        core = engine.Core.create(definition, str(claim.id), clock.latest)
        core.start(claim.input)
    core.skips_errors = registration.skip_exceptions
    for activation in core.ready.values():
        activation.attempt += claim.claims - 1  # those that ended with their worker were attempts too
    return core


def _text(value: Any) -> str | None:
    return None if value is None else engine.dump_json(value)


def _failure_event(error: dict[str, Any]) -> tuple[str, Any, None]:
    return EventKind.EXECUTION_FAILED, {name: error[name] for name in ("step", "type", "message")}, None
