"""The messages to one execution: which are applied, which are not due yet."""

import logging
from typing import Any

from flows import engine
from flows.models import MessageKind
from flows.store.queue import Mail
from flows.worker import parking
from flows.worker.record import Record

FOR_SERVICES = (MessageKind.EARLY, MessageKind.TALLY)  # a service takes these, each in its own transaction

log = logging.getLogger(__name__)


class Letterbox:
    """`due_at` says when it has to be read again without having heard anything, in seconds since 1970.

    `answered` are interrupts whose answer is not due yet, `early` those whose answer came before them.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self.message_seq = 0  # what has been read reaches this far
        self.due_at: float | None = None
        self.answered: set[str] = set()
        self.early: set[str] = set()
        self._tallies: dict[int, tuple[str, bool]] = {}  # message: (key of the interrupt, whether it is due)

    def receive(self, mail: Mail, core: engine.Core | None) -> bool:
        """Apply the messages that are due, and say whether there were any; what cannot run keeps them."""
        self.message_seq = max(self.message_seq, mail.message_seq)
        before = len(self._record.applied)
        later = [message for message in mail.messages if message.due_at is not None]
        self.due_at = min((message.due_at for message in later if message.due_at), default=None)
        self.answered = {message.body["key"] for message in later if message.kind != MessageKind.TALLY}
        self.early = {m.body["key"] for m in mail.messages if m.kind == MessageKind.EARLY}
        self._tallies = {
            m.id: (m.body["key"], m.due_at is None) for m in mail.messages if m.kind == MessageKind.TALLY
        }
        for message in mail.messages:
            if core is None or message in later or message.kind in FOR_SERVICES:
                continue
            if message.id not in self._record.applied:
                self._apply(core, message.kind, message.body)
                self._record.applied.append(message.id)
        return len(self._record.applied) > before

    @property
    def voted(self) -> set[str]:
        """Interrupts whose votes are to be counted now."""
        return {key for key, is_due in self._tallies.values() if is_due}

    def pointless(self, core: engine.Core) -> list[int]:
        """Messages about votes on what is asked no longer."""
        return [id for id, (key, _) in self._tallies.items() if key not in core.interrupts]

    def _apply(self, core: engine.Core, kind: str, body: Any) -> None:
        if kind == MessageKind.RETRY:
            if core.status is engine.Status.FAILED:
                core.retry()
                self._record.error = None
        elif kind == MessageKind.EMIT:
            changes = core.emit(body["event"], body["value"], body["resolves"])
            self._record.change(changes, closed_by_door=True)
        elif kind == MessageKind.EXPIRE:
            self._expire(core, body["key"])
        elif kind == MessageKind.ANSWER:
            self._answer(core, body)
        elif kind == MessageKind.OUTCOME:
            self._outcome(core, body)

    def _answer(self, core: engine.Core, body: dict[str, Any]) -> None:
        """An answer that was given while a chunk emitted the same event still emits it."""
        try:
            changes = core.resume(body["key"], body["value"], body["response"])
        except engine.UnknownInterrupt:
            log.warning("%s no longer waits for “%s”", core.execution_id, body["key"])
            if not body.get("event") or body["frame"] not in core.frames:
                return
            changes = core.emit(body["event"], body["value"], (), body["frame"])
        self._record.change(changes)

    def _outcome(self, core: engine.Core, body: dict[str, Any]) -> None:
        """What a chunk did that ran elsewhere; one that is not away as that run any more is left alone."""
        activation = engine.away_as(core, body["activation"], body["run"])
        if activation is None:
            log.warning("%s no longer waits for run %s", core.execution_id, body["run"])
            return
        activation.attempt += body["claims"] - 1  # those that ended with their worker were attempts too
        self._record.finish(core, activation, engine.outcome_from_json(body["outcome"]))

    def _expire(self, core: engine.Core, key: str) -> None:
        try:
            core.expire(key)
        except engine.UnknownInterrupt:
            return
        if core.status is engine.Status.FAILED:
            self._record.fail(parking.unanswered(core.failures[-1]))
