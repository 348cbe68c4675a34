"""What one execution's next commit will say."""

import logging
from typing import Any
from uuid import UUID

from flows import engine
from flows.models import EventKind
from flows.services.questions import opened
from flows.store.commits import Opened
from flows.store.doors import CLOSED_BY_EVENT
from flows.store.runs import Run
from flows.worker import parking

log = logging.getLogger(__name__)

MOST_REPORTS = 100  # of one chunk


class Record:
    """Interrupts `opened` and `closed`, messages `applied`, `events` and new `runs` elsewhere since the last
    commit, as rows. `has_outcome`: whether what a chunk did is part of it.

    `error` is why it failed, None when it has not: that stays when the rest is written.
    """

    def __init__(self, id: UUID, flow: str, requester_id: Any) -> None:
        self._id, self._flow, self._requester_id = id, flow, requester_id
        self.error: dict[str, Any] | None = None
        self.forget()

    def forget(self) -> None:
        """All of it is in the database, or shall never be."""
        self.opened: list[Opened] = []
        self.closed: list[tuple[str, str]] = []
        self.applied: list[int] = []
        self.events: list[tuple[str, Any, str | None]] = []
        self.runs: list[Run] = []
        self.has_outcome = False

    def finish(self, core: engine.Core, activation: engine.Activation, outcome: engine.Outcome) -> None:
        """Take in what a chunk did, here or elsewhere."""
        self.change(core.commit(activation, outcome))
        if outcome.error is not None and core.status is engine.Status.FAILED:
            self.fail(parking.described(activation.step, outcome.error))
        self.has_outcome = True

    def change(self, changes: engine.Changes, *, closed_by_door: bool = False) -> None:
        """What an outcome or a message did."""
        self._report(changes.streamed)
        self.opened += [opened(i, flow=self._flow, requester_id=self._requester_id) for i in changes.opened]
        for key in () if closed_by_door else changes.closed:
            if not self._withdraw(key):
                self.closed.append((key, CLOSED_BY_EVENT))

    def tell(self, kind: str, key: str | None = None) -> None:
        """An event without detail, about the interrupt of this key or about the execution."""
        self.events.append((kind, None, key))

    def fail(self, error: dict[str, Any]) -> None:
        """It has failed for this reason."""
        self.error = error
        detail = {name: error[name] for name in ("step", "type", "message")}
        self.events.append((EventKind.EXECUTION_FAILED, detail, None))
        what = f"failed at {error['step']}" if error["step"] else "is set aside"
        log.warning("%s %s %s: %s", self._flow, self._id, what, error["message"])

    def _report(self, items: list[Any]) -> None:
        """Progress becomes history; of a flood only the end."""
        kept = items[-MOST_REPORTS:]
        self.events += [(EventKind.EXECUTION_REPORTED, {"item": item}, None) for item in kept]

    def _withdraw(self, key: str) -> bool:
        """Whether `key` was opened since the last commit, so that nobody has seen it."""
        kept = [row for row in self.opened if row.key != key]
        withdrawn = len(kept) < len(self.opened)
        self.opened = kept
        return withdrawn
