"""Keeps the lease of one run while its chunk runs, and tells the chunk when it is over."""

import logging
import threading
from types import TracebackType
from typing import Self

from flows import engine
from flows.store import connection, runs
from flows.worker.heartbeat import BEATS, LONGEST_PAUSE

log = logging.getLogger(__name__)


class Lease:
    """A thread with a connection of its own, renewing three times in the lease's length, as a worker's
    heartbeat does."""

    def __init__(self, run: runs.Claimed, *, lease_seconds: float) -> None:
        self.is_lost = False
        self._run, self._seconds = run, lease_seconds
        self._core: engine.Core | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"lease of {run.id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def watch(self, core: engine.Core) -> None:
        """The chunk runs on this core: it is cancelled once the lease is lost."""
        self._core = core
        if self.is_lost:
            core.cancel("taken over")

    def _keep(self) -> None:
        pause = self._seconds / BEATS
        with connection.own(self._seconds / 4):
            while not self._stopped.wait(pause) and not self.is_lost:
                short = min(self._seconds / 10, LONGEST_PAUSE)
                pause = self._seconds / BEATS if self._renew() else short
            connection.close()

    def _renew(self) -> bool:
        """Prolong it, or find it lost; False when neither could be done."""
        try:
            kept = runs.renew(self._run, lease_seconds=self._seconds)
        except Exception as error:  # this thread must not end, whatever is wrong with the database
            log.warning("Lease of run %s not renewed: %s", self._run.id, error)
            connection.close()
            return False
        if not kept:
            self.is_lost = True
            if self._core is not None:
                self._core.cancel("taken over")
        return True
