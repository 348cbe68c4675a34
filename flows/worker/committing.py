"""How what a worker has done gets into the database."""

import logging
import time
from dataclasses import dataclass

from django.db import DatabaseError

from flows.live import hints
from flows.store import commits, connection, crash, queue
from flows.worker import parking
from flows.worker.fleet.sender import Sender
from flows.worker.held import Held
from flows.worker.holdings import Holdings

STUCK_SECONDS = 2.0  # between tries to commit what somebody else has locked

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Counts:
    """What this worker has done so far."""

    claimed: int = 0
    chunks: int = 0
    commits: int = 0
    refused: int = 0


class Committing:
    """Takes out of the holdings what is let go, and what turns out to be somebody else's."""

    def __init__(self, holds: Holdings, counts: Counts, sender: Sender, *, owner: str) -> None:
        self._holds, self._counts, self._sender, self._owner = holds, counts, sender, owner

    def commit(self, due: list[Held], *, hand_back: bool) -> bool:
        """Commit these in one statement; whether one of them was let go and is due again.

        With `hand_back` only running chunks keep an execution here. Raises connection.AWAY.
        """
        try:
            batch = [held.commit(hand_back=hand_back) for held in due]
            rows = commits.commit(batch, owner=self._owner)
        except DatabaseError as error:
            if connection.is_away(error) and not connection.is_stuck(error):
                raise
            return self._commit_apart(due, error, hand_back)
        self._counts.commits += 1
        if any(commit.runs for commit in batch):
            self._sender.wake()
        topics = [held.topics(rows[held.id]) for held in due if held.id in rows]
        others = any(held.is_elsewhere for held in due if held.id in rows)
        for held in due:
            if held.id in rows:
                self._committed(held, rows[held.id])
        self._refused([held for held in due if held.id not in rows])
        crash.point("commit.known")
        hints.send(set().union(*topics))
        if others:
            hints.wake_workers()
        crash.point("commit.hinted")
        return any(row.due for row in rows.values() if not row.held)

    def _commit_apart(self, due: list[Held], error: DatabaseError, hand_back: bool) -> bool:
        """Find out which one the database does not take, and set that one aside."""
        if len(due) > 1:
            is_due = [self.commit([held], hand_back=hand_back) for held in due]
            return any(is_due)
        if connection.is_stuck(error):
            return self._try_later(due[0])
        if due[0].core is not None:
            due[0].park(parking.refused(error))
            return self.commit(due, hand_back=hand_back)
        log.error("%s cannot be set aside either: %s", due[0].id, error)
        self._holds.drop(due[0])
        return False

    def _try_later(self, held: Held) -> bool:
        """Somebody has its row locked: others go on meanwhile."""
        log.warning("%s %s is locked by somebody else, its commit has to wait", held.flow, held.id)
        self._holds.unsaved[held.id] = time.monotonic() + STUCK_SECONDS
        return False

    def _committed(self, held: Held, row: commits.Committed) -> None:
        self._holds.unsaved.pop(held.id, None)
        held.committed(row)
        if not row.held:
            self._holds.forget(held)
        elif row.message_seq > held.message_seq:
            self._holds.to_read.add(held.id)

    def _refused(self, holds: list[Held]) -> None:
        """Taken over, cancelled, or the answer to an earlier commit was lost: drop what is here."""
        for held in holds:
            log.warning("%s %s was taken over: what it did here is dropped", held.flow, held.id)
            self._holds.drop(held)
        self._counts.refused += len(holds)
        if holds:
            queue.release(ids=[held.id for held in holds], owner=self._owner)
