"""Hears the hint that there is work. Deaf is harmless: the dispatcher looks by itself as well."""

import logging
import threading
import time

from flows.live.hints import WORK
from flows.store import connection
from flows.store.patient import PatientConnection
from flows.worker.inbox import Inbox, Look

log = logging.getLogger(__name__)

LISTEN_SECONDS = 0.5  # how soon the thread sees that it shall stop
PAUSE_SECONDS = 0.002  # what is said within this after a hint is heard as one
PROOF_EVERY = 10.0  # a connection that only listens never learns that the other side is gone
PAUSE_SECONDS = 0.002  # what is said within this after a hint is heard as one
MAX_DELAY = 5.0


class Listener:
    """A thread with a LISTEN connection of its own."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        delay = 0.1
        while not self._stopped.is_set():
            try:
                with connection.listening(WORK) as listening:
                    delay = 0.1
                    self._hear(listening)
            except Exception as error:  # this thread must not end, whatever is wrong with the database
                log.warning("Not listening for hints: %s", error)
                self._stopped.wait(delay)
                delay = min(delay * 2, MAX_DELAY)

    def _hear(self, listening: PatientConnection) -> None:
        self._inbox.put(Look())  # for what came while nobody listened
        proof_at = time.monotonic() + PROOF_EVERY
        while not self._stopped.is_set():
            if list(listening.notifies(timeout=LISTEN_SECONDS, stop_after=1)):
                self._inbox.put(Look())
                self._stopped.wait(PAUSE_SECONDS)
            if time.monotonic() >= proof_at:
                listening.execute("SELECT 1")
                proof_at = time.monotonic() + PROOF_EVERY
