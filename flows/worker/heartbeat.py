"""Keeps the leases of what this worker holds, however long its chunks take."""

import logging
import threading
from collections.abc import Mapping
from uuid import UUID

from flows.store import connection, queue
from flows.worker.held import Held
from flows.worker.inbox import Inbox, Lost

log = logging.getLogger(__name__)

BEATS = 3  # in the time of a lease
LONGEST_PAUSE = 2.0  # between tries when a renewal has failed


class Heartbeat:
    """A thread with a connection of its own that renews leases three times in their length.

    A renewal that gets no answer is given up after a quarter of the lease and tried again on a new
    connection, so that one dead connection costs no lease. While nothing can be reached nobody
    can say who holds a lease: chunks go on, and hear of a take-over at the first renewal after it.
    """

    def __init__(self, *, holds: Mapping[UUID, Held], inbox: Inbox, owner: str, lease_seconds: float) -> None:
        self._holds, self._inbox = holds, inbox
        self._owner, self._lease_seconds = owner, lease_seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        pause = self._lease_seconds / BEATS
        with connection.own(self._lease_seconds / 4):
            while not self._stopped.wait(pause):
                short = min(self._lease_seconds / 10, LONGEST_PAUSE)
                pause = self._lease_seconds / BEATS if self._beat() else short
            connection.close()

    def _beat(self) -> bool:
        """Renew what is held; False when it could not be done."""
        epochs = {held.id: held.epoch for held in list(self._holds.values())}
        if not epochs:
            return True
        try:
            kept = queue.renew(ids=list(epochs), owner=self._owner, lease_seconds=self._lease_seconds)
        except Exception as error:  # this thread must not end, whatever is wrong with the database
            log.warning("Leases not renewed: %s", error)
            connection.close()
            return False
        for id in epochs.keys() - kept:
            self._inbox.put(Lost(id, epochs[id]))
        return True
