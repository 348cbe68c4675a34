"""Sends what has to run on Celery workers: new runs, and those that were lost."""

import logging
import threading
from functools import cached_property
from uuid import UUID

from flows import conf, registry
from flows.store import connection, crash, runs
from flows.worker.fleet import broker

log = logging.getLogger(__name__)

MAX_DELAY = 10.0


class Sender:
    """A thread with a connection of its own, so that a broker that is away keeps nobody waiting.

    The table of runs is the outbox: what cannot be sent now is due again later, for whichever worker
    looks first. Sending twice is harmless: the claim of a run decides.
    """

    def __init__(self) -> None:
        self._stopped, self._woken = threading.Event(), threading.Event()
        self._delay = 0.0  # until the broker, or the database, is tried again
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    def start(self) -> None:
        """A worker without a Celery app leaves the sending to others."""
        if conf.celery_app():
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
            while not self._stopped.is_set():
                if self._delay:
                    self._stopped.wait(self._delay)
                else:
                    self._woken.wait(conf.get("FLOWS_POLL_SECONDS"))
                self._woken.clear()
                if self._has_work and not (self._stopped.is_set() and self._delay):
                    self._look()
            connection.close()

    @cached_property
    def _has_work(self) -> bool:
        """Whether a flow sends chunks away at all."""
        return any(registration.flow.definition.sends_away for registration in registry.all())

    def _look(self) -> None:
        try:
            while due := runs.take_due(resend_seconds=conf.get("FLOWS_RESEND_SECONDS")):
                if not self._send(due):
                    return
            self._delay = 0.0
        except Exception as error:  # this thread must not end, whatever is wrong with the database
            self._wait_longer()
            log.warning("Not looking for chunks to send for %.1f s: %s", self._delay, error)
            connection.close()

    def _send(self, due: list[UUID]) -> bool:
        try:
            crash.point("fleet.taken")
            broker.send(broker.app(), due)
            crash.point("fleet.sent")
        except Exception as error:
            self._wait_longer()
            log.warning("%d chunks not sent, next try in %.1f s: %s", len(due), self._delay, error)
            runs.give_back(due, delay_seconds=self._delay)
            return False
        self._delay = 0.0
        return True

    def _wait_longer(self) -> None:
        self._delay = min(max(conf.get("FLOWS_POLL_SECONDS"), self._delay * 2), MAX_DELAY)
