"""Keeps the leases of what this worker holds, however long its chunks take."""

import logging
import threading
from collections.abc import Mapping
from uuid import UUID

from flows.store import connection, queue
from flows.worker.held import Held
from flows.worker.inbox import Inbox, Lost

log = logging.getLogger(__name__)


class Heartbeat:
    """A thread with a connection of its own that renews leases three times in their length."""

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
        with connection.own():
            while not self._stopped.wait(self._lease_seconds / 3):
                self._beat()
            connection.close()

    def _beat(self) -> None:
        epochs = {held.id: held.epoch for held in list(self._holds.values())}
        if not epochs:
            return
        try:
            kept = queue.renew(ids=list(epochs), owner=self._owner, lease_seconds=self._lease_seconds)
        except Exception as error:  # this thread must not end, whatever is wrong with the database
            log.warning("Leases not renewed: %s", error)
            connection.close()
            return
        for id in epochs.keys() - kept:
            self._inbox.put(Lost(id, epochs[id]))
