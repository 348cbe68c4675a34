"""This process's hold on an embedded PostgreSQL."""

import atexit
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from approvals_site.pg_embedded import locks
from approvals_site.pg_embedded.cluster import Cluster
from approvals_site.pg_embedded.errors import EmbeddedPostgresError
from approvals_site.pg_embedded.place import settle

FAST_AND_UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """A server below `base`, shared by all processes that ask for it, started by the first."""

    def __init__(self, base: Path | str, *, dbname: str, settings: Mapping[str, str] | None = None) -> None:
        self.base = Path(base)
        self.dbname = dbname
        self.settings = settings or {}
        self._threads = threading.Lock()
        self._pid: int | None = None  # whoever took the hold: a fork has to take its own

    def ensure(self) -> dict[str, Any]:
        """Connection parameters, without a database; starts the server if nobody has.

        Raises EmbeddedPostgresError when it cannot run.
        """
        with self._threads:
            if self._pid != os.getpid():
                self._take_hold()
            return self.cluster.connection

    def revive(self) -> bool:
        """Start the server again if it is gone while we use it; True when it was."""
        with locks.exclusive(self._start_lock):
            if not self.cluster.is_down():
                return False
            self.cluster.start()
            return True

    def release(self) -> None:
        """Let go; the last one out stops the server."""
        with self._threads:
            if self._pid != os.getpid():
                return
            self._pid = None
            with locks.exclusive(self._start_lock):
                try:
                    if locks.try_exclusive(self._held):
                        self.cluster.stop()
                finally:
                    os.close(self._held)

    def _take_hold(self) -> None:
        try:
            self.cluster = Cluster(settle(self.base), self.dbname, self.settings)
            with locks.exclusive(self._start_lock):
                self._held = self._join()
        except PermissionError as error:
            message = (
                f"{error.filename} belongs to another user: start the site as that user, or set DATABASE_URL."
            )
            raise EmbeddedPostgresError(message) from error
        self._pid = os.getpid()
        atexit.register(self.release)

    def _join(self) -> int:
        """Count ourselves among the clients, of a server that runs; gives the hold."""
        held = locks.open_lock(self.cluster.place.base / "clients.lock")
        try:
            locks.share(held)
            if self.cluster.is_down():
                self.cluster.start()
        except BaseException:
            os.close(held)
            raise
        return held

    @property
    def _start_lock(self) -> Path:
        return self.cluster.place.base / "start.lock"
