"""Sends what has to run on Celery workers: new runs, and those that were lost."""

import logging
import threading
from uuid import UUID

from flows import conf, registry
from flows.store import connection, runs
from flows.worker.fleet import broker

log = logging.getLogger(__name__)

MAX_DELAY = 30.0


class Sender:
    """A thread with a connection of its own, so that a broker that is away keeps nobody waiting.

    The table of runs is the outbox: what cannot be sent now is due again later, for whichever worker
    looks first. Sending twice is harmless: the claim of a run decides.
    """

    def __init__(self) -> None:
        self._stopped, self._woken = threading.Event(), threading.Event()
        self._delay = 0.0  # until the broker is tried again
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    def start(self) -> None:
        """Only where a flow sends chunks away; a worker without a Celery app leaves that to others."""
        if conf.celery_app() and any(r.flow.definition.sends_away for r in registry.all()):
            self._thread.start()

    def wake(self) -> None:
        """There is something new to be sent."""
        self._woken.set()
        if not self._thread.is_alive():
            log.warning("A chunk has to run on Celery, and FLOWS_CELERY_APP is not set here.")

    def stop(self) -> None:
        """Send what is due, and end; a broker that does not answer is not waited for."""
        self._stopped.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join(broker.SECONDS)

    def _run(self) -> None:
        with connection.own(conf.get("FLOWS_LEASE_SECONDS")):
            while True:
                last = self._stopped.is_set()
                self._woken.clear()
                if not (last and self._delay):  # a broker that was away a moment ago is somebody else's
                    self._look()
                if last:
                    break
                if self._delay:
                    self._stopped.wait(self._delay)
                else:
                    self._woken.wait(conf.get("FLOWS_POLL_SECONDS"))
            connection.close()

    def _look(self) -> None:
        try:
            while due := runs.take_due(resend_seconds=conf.get("FLOWS_RESEND_SECONDS")):
                if not self._send(due):
                    return
        except Exception as error:  # this thread must not end, whatever is wrong with the database
            log.warning("Not looking for chunks to send: %s", error)
            connection.close()

    def _send(self, due: list[UUID]) -> bool:
        try:
            broker.send(broker.app(), due)
        except Exception as error:
            self._delay = min(max(conf.get("FLOWS_POLL_SECONDS"), self._delay * 2), MAX_DELAY)
            log.warning("%d chunks not sent, next try in %.1f s: %s", len(due), self._delay, error)
            runs.give_back(due, delay_seconds=self._delay)
            return False
        self._delay = 0.0
        return True
