"""One execution while a worker holds it: what is known of it and what is not yet committed."""

import json
import logging
from typing import Any
from uuid import UUID

from flows import engine, registry
from flows.live import hints
from flows.models import EventKind, MessageKind
from flows.services import questions
from flows.store.commits import Commit, Committed, Opened
from flows.store.queue import Claim, Mail
from flows.worker import parking

log = logging.getLogger(__name__)

MOST_REPORTS = 100  # of one chunk
CLOSED_BY_EVENT = "The flow went on without this answer."


class Held:
    """All calls come from the dispatcher's thread; chunks in other threads only read `core`.

    `unsaved` says whether memory is ahead of the database, `finished` whether a chunk's outcome is
    part of that: then nothing of this execution may start before the commit.
    """

    def __init__(self, claim: Claim) -> None:
        self.id: UUID = claim.id
        self.flow = claim.flow
        self.epoch = claim.epoch
        self.claims = claim.claims
        self.message_seq = claim.message_seq
        self.requester_id = claim.requester_id
        self.core: engine.Core | None = None
        self.parked: parking.Parked | None = None
        self.error: dict[str, Any] | None = None
        self.last_message = 0
        self.finished = False
        self.unsaved = claim.snapshot is None
        self._open(claim)

    # -- what happens to it -------------------------------------------------------
    def receive(self, mail: Mail) -> bool:
        """Apply the messages that are new, and say whether there were any; what cannot run keeps them."""
        self.message_seq = max(self.message_seq, mail.message_seq)
        before = len(self._applied)
        for message in mail.messages:
            if self.core is None or message.id <= self.last_message:
                continue
            self.last_message = message.id
            self._apply(self.core, message.kind, message.body)
            self._applied.append(message.id)
            self.unsaved = True
        return len(self._applied) > before

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
        if core is None or self.finished or core.status is engine.Status.FAILED:
            return False
        return bool(core.ready)

    @property
    def is_settled(self) -> bool:
        """Whether nothing of it runs or could start."""
        return self.core is None or self.core.is_idle

    def commit(self, *, hand_back: bool = False) -> Commit:
        """Its state as a commit; with `hand_back` only running chunks keep it here."""
        if self.core is None:
            return self._parked_commit()
        core = self.core
        if core.is_idle and not core.interrupts and core.status is engine.Status.RUNNING:
            core.complete()
            self._events.append((EventKind.EXECUTION_COMPLETED, None))
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
            wake=hand_back and not self.is_settled,
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
        return hints.topics_of(self.id, [row.audience, *(opened.audience for opened in self._opened)])

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
        self._events: list[tuple[str, Any]] = []

    def _open(self, claim: Claim) -> None:
        self._forget()
        try:
            if parking.poisonous(claim):
                raise parking.poison()
            self.core = _load(claim)
        except parking.Parked as reason:
            self.park(reason)
        except parking.Unreadable as error:
            self.park(parking.unreadable(claim, error))

    def _apply(self, core: engine.Core, kind: str, body: Any) -> None:
        if kind == MessageKind.RETRY:
            if core.status is engine.Status.FAILED:
                core.retry()
                self.error = None
        elif kind == MessageKind.ANSWER:
            try:
                self._changed(core.resume(body["key"], body["value"], body["response"]))
            except engine.UnknownInterrupt:
                log.warning("%s %s no longer waits for “%s”", self.flow, self.id, body["key"])

    def _changed(self, changes: engine.Changes) -> None:
        self._report(changes.streamed)
        self._opened += [self._row(interrupt) for interrupt in changes.opened]
        for key in changes.closed:
            if not self._withdraw(key):
                self._closed.append((key, CLOSED_BY_EVENT))

    def _report(self, items: list[Any]) -> None:
        """Progress becomes history; of a flood only the end."""
        self._events += [(EventKind.EXECUTION_REPORTED, {"item": item}) for item in items[-MOST_REPORTS:]]

    def _withdraw(self, key: str) -> bool:
        """Whether `key` was opened since the last commit, so that nobody has seen it."""
        kept = [opened for opened in self._opened if opened.key != key]
        withdrawn = len(kept) < len(self._opened)
        self._opened = kept
        return withdrawn

    def _row(self, interrupt: engine.Interrupt) -> Opened:
        options = interrupt.options
        policy = options.get("policy") or {}
        shown = {
            "type": interrupt.type,
            "title": questions.title_of(interrupt, flow=self.flow),
            "payload": interrupt.payload,
            "response_schema": options.get("response_schema"),
            "initial": options.get("initial"),
        }
        return Opened(
            id=UUID(engine.new_id()),
            key=interrupt.id,
            flow=self.flow,
            step=interrupt.step,
            policy=options.get("policy"),
            audience=questions.audience_of(policy),
            excluded_id=self.requester_id if questions.excludes_requester(policy) else None,
            digest=questions.digest_of(**shown),
            **shown,
        )

    def _failed(self, activation: engine.Activation, error: Exception) -> None:
        self.error = parking.described(activation.step, error)
        self._events.append(_failure_event(self.error))
        log.warning("%s %s failed at %s: %s", self.flow, self.id, activation.step, self.error["message"])

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


def _load(claim: Claim) -> engine.Core:
    definition = registry.get(claim.flow).flow.definition
    if claim.snapshot is not None:
        core = engine.Core.load(definition, json.loads(claim.snapshot))
    else:
        core = engine.Core.create(definition, execution_id=str(claim.id))
        core.start(claim.input)
    for activation in core.ready.values():
        activation.attempt += claim.claims - 1  # those that ended with their worker were attempts too
    return core


def _text(value: Any) -> str | None:
    return None if value is None else engine.dump_json(value)


def _failure_event(error: dict[str, Any]) -> tuple[str, Any]:
    return EventKind.EXECUTION_FAILED, {name: error[name] for name in ("step", "type", "message")}
