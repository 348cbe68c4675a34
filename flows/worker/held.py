"""One execution while a worker holds it: what is known of it and what is not yet committed."""

import json
import logging
from collections.abc import Container, Iterator
from typing import Any
from uuid import UUID

from flows import conf, engine, registry
from flows.live import hints
from flows.models import EventKind
from flows.models.execution import new_uuid
from flows.store import crash
from flows.store.commits import Commit, Committed
from flows.store.queue import Claim, Mail
from flows.store.runs import Run
from flows.worker import parking
from flows.worker.chores import Chore, ChoreKind
from flows.worker.clock import Clock
from flows.worker.letterbox import Letterbox
from flows.worker.record import Record

log = logging.getLogger(__name__)

TOLD = {
    engine.TimerKind.REMIND: EventKind.INTERRUPT_REMINDED,
    engine.TimerKind.DUE: EventKind.INTERRUPT_OVERDUE,
}


class Held:
    """All calls come from the dispatcher's thread; chunks in other threads only read `core`.

    `unsaved` says whether memory is ahead of the database, `finished` whether a chunk's outcome is
    part of that: then nothing of this execution may start before the commit. Only chunks of the queues that
    are `served` start here (None: all).
    """

    def __init__(self, claim: Claim, clock: Clock, served: Container[str] | None = None) -> None:
        self._clock, self._served = clock, served
        self.id: UUID = claim.id
        self.queue = claim.queue
        self.flow = claim.flow
        self.epoch = claim.epoch
        self.claims = claim.claims
        self.core: engine.Core | None = None
        self.parked: parking.Parked | None = None
        self.registration: registry.Registration | None = None
        self._record = Record(claim.id, claim.flow, claim.requester_id)
        self._letterbox = Letterbox(self._record)
        self._patient_until = 0.0
        self.has_begun = False  # whether a chunk of it was started since it was claimed
        self.finished = False
        self.unsaved = claim.snapshot is None
        self._open(claim)

    # -- what happens to it -------------------------------------------------------
    def receive(self, mail: Mail) -> bool:
        """Apply the messages that are due, and say whether there were any; what cannot run keeps them."""
        has_changed = self._letterbox.receive(mail, self.core)
        self.unsaved |= has_changed
        self.finished |= self._record.has_outcome
        return has_changed

    def fire(self) -> list[Chore]:
        """Take note of what the time has brought, and say what a service has to do about it."""
        now = self._clock.earliest()
        if self.core is None or now < self._patient_until:
            return []
        chores = list(self._chores())
        for interrupt, kind in engine.fire(self.core, now, self._letterbox.answered):
            if kind is engine.TimerKind.EXPIRE:
                chores.append(Chore(ChoreKind.EXPIRE, interrupt.id))
            else:
                self._record.tell(TOLD[kind], interrupt.id)
                self.unsaved = self.finished = True
            crash.point("timer.fired")
        return chores

    def be_patient(self) -> None:
        """A chore had nothing to do: come back to it a little later."""
        self._patient_until = self._clock.earliest() + conf.get("FLOWS_POLL_SECONDS")

    def finish(self, activation: engine.Activation, outcome: engine.Outcome) -> None:
        """Take in what a chunk did."""
        assert self.core is not None
        self._record.finish(self.core, activation, outcome)
        self.finished = self.unsaved = True

    def send_away(self) -> None:
        """What may start and has to run elsewhere leaves with the next commit, and keeps nobody busy here."""
        if self.core is None or not self.core.definition.sends_away:
            return
        elsewhere = list(filter(self._is_sent, self._startable()))
        for activation in elsewhere[: self._room(len(elsewhere))]:
            run = Run(new_uuid(), activation.step, activation.id, activation.attempt)
            engine.send_away(self.core, activation, str(run.id))
            self._record.runs.append(run)
            self.unsaved = self.finished = True

    def park(self, reason: parking.Parked) -> None:
        """Set it aside; what is not committed is dropped."""
        self.core, self.parked = None, reason
        self._record.forget()
        self._record.fail(reason.error)

    def end(self) -> None:
        """Somebody else has it now: chunks of it that still run see that they are cancelled."""
        if self.core is not None and self.core.status not in engine.TERMINAL:
            self.core.cancel("taken over")

    # -- what to do with it -------------------------------------------------------
    @property
    def is_running(self) -> bool:
        return self.core is not None and bool(self.core.running)

    @property
    def running(self) -> int:
        """How many of its chunks run."""
        return 0 if self.core is None else len(self.core.running)

    @property
    def is_hungry(self) -> bool:
        """Whether a chunk of it could start here and now."""
        core = self.core
        if core is None or self.finished or not core.ready or not self._room(1):
            return False
        return any(map(self._runs_here, self._startable()))

    @property
    def is_settled(self) -> bool:
        """Whether nothing of it runs or could start here."""
        return self.core is None or not (self.core.running or self._can_start)

    @property
    def _can_start(self) -> bool:
        return self._room(1) > 0 and any(map(self._is_served, self._startable()))

    def _startable(self) -> Iterator[engine.Activation]:
        return iter(()) if self.core is None else self.core.startable(self._clock.earliest())

    def _room(self, wanted: int) -> int:
        """How many of its chunks more may run at once, at most `wanted`."""
        limit = self.registration.concurrency if self.registration else None
        if limit is None or self.core is None:
            return wanted
        return max(min(wanted, limit - len(self.core.running) - len(self.core.away)), 0)

    @property
    def is_elsewhere(self) -> bool:
        """Whether nothing of it runs or could start here, but something could where its queue is served."""
        return self.is_settled and self._room(1) > 0 and any(self._startable())

    @property
    def instant(self) -> float | None:
        """When it has to be looked at next, in seconds since 1970; None: when something happens to it."""
        timer = None
        if self.core is not None:
            full = not self._room(1)
            timer = engine.next_instant(self.core, self._letterbox.answered, full=full)
        instants = [instant for instant in (timer, self._letterbox.due_at) if instant is not None]
        if any(self._chores()):
            instants.append(self._patient_until)  # a chore has failed, or comes first of all
        return max(min(instants), self._patient_until) if instants else None

    @property
    def mail_is_due(self) -> bool:
        """Whether a message was not due when it was read, and is now."""
        due_at = self._letterbox.due_at
        return due_at is not None and due_at <= self._clock.earliest()

    @property
    def message_seq(self) -> int:
        """How many of the messages ever sent to it have been read."""
        return self._letterbox.message_seq

    def take(self) -> list[engine.Activation]:
        """One activation to run now, or none."""
        if self.core is None:
            return []
        self.has_begun = True
        return self.core.take(1, self._clock.earliest(), where=self._runs_here)

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
            error=_text(self._record.error),
            claims=self._claims(hand_back),
            hold=bool(core.running) or not (self.is_settled or hand_back),
            wake=(hand_back and not self.is_settled) or self._is_awaited or self.is_elsewhere,
            wake_at=self.instant,
            queue=self._next_queue(core),
            opened=self._record.opened,
            closed=self._record.closed,
            applied=self._record.applied + self._letterbox.pointless(core),
            events=self._record.events,
            runs=self._record.runs,
        )

    def committed(self, row: Committed) -> None:
        """The commit is in the database: memory and row agree."""
        self.epoch = row.epoch
        if self.finished:
            self.claims = 0
        self.finished = self.unsaved = False
        self._record.forget()

    def topics(self, row: Committed) -> set[str]:
        """What its next commit concerns; ask before `committed`."""
        return hints.topics_of(self.id, [row.audience, *(asked.audience for asked in self._record.opened)])

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
            self._record.tell(EventKind.EXECUTION_COMPLETED)

    @property
    def _is_awaited(self) -> bool:
        """Whether an answer is there already for what is asked in this commit."""
        return any(row.key in self._letterbox.early for row in self._record.opened)

    def _chores(self) -> Iterator[Chore]:
        """Answers in the database that came before their question, and votes that count now."""
        early, core = self._letterbox.early, self.core
        if core is None or core.status is engine.Status.FAILED:
            return
        opening = {row.key for row in self._record.opened}
        yield from (Chore(ChoreKind.DELIVER, key) for key in (early & core.interrupts.keys()) - opening)
        yield from (Chore(ChoreKind.TALLY, key) for key in self._letterbox.voted & core.interrupts.keys())

    def _is_served(self, activation: engine.Activation) -> bool:
        """Whether this worker may see to it: any may send away what runs on a fleet."""
        return self._served is None or self._is_sent(activation) or self._queue_of(activation) in self._served

    def _runs_here(self, activation: engine.Activation) -> bool:
        return not self._is_sent(activation) and self._is_served(activation)

    def _is_sent(self, activation: engine.Activation) -> bool:
        return self.core is not None and self.core.step_of(activation).run_on is not None

    def _queue_of(self, activation: engine.Activation) -> str:
        assert self.core is not None
        assert self.registration is not None
        return self.core.step_of(activation).queue or self.registration.queue

    def _next_queue(self, core: engine.Core) -> str | None:
        """That of the first chunk that runs or could; the flow's own while it waits."""
        for activations in (core.running.values(), core.startable(self._clock.earliest())):
            for activation in activations:
                return self._queue_of(activation)
        return self.registration.queue if self.registration else None

    def _claims(self, hand_back: bool) -> int:
        """Claims without progress so far; handing back on purpose is not held against it."""
        if self.finished or self.is_settled:
            return 0
        return self.claims - 1 if hand_back and not self.is_running else self.claims

    # -- inside -------------------------------------------------------------------
    def _open(self, claim: Claim) -> None:
        try:
            if parking.poisonous(claim):
                raise parking.poison()
            self.registration = registry.get(claim.flow)
            crash.point("load.before")
            self.core = _load(claim, self.registration, self._clock)
            crash.point("load.after")
        except parking.Parked as reason:
            self.park(reason)
        except parking.Unreadable as error:
            self.park(parking.unreadable(claim.flow, error))

    def _parked_commit(self) -> Commit:
        """Keeps the snapshot and the messages; poison keeps its count, so that only a retry runs it again."""
        poison = self.parked is not None and self.parked.type == parking.WORKER_LOST
        return Commit(
            id=self.id,
            epoch=self.epoch,
            message_seq=self.message_seq,
            status=engine.Status.FAILED.value,
            error=_text(self._record.error),
            claims=self.claims if poison else 0,
            events=self._record.events,
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
