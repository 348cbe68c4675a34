"""The PostgreSQL of one run, with default durability."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from approvals_site.pg_embedded.cluster import SUPERUSER, Cluster
from approvals_site.pg_embedded.place import settle
from approvals_site.scratch import VAR


class Ground:
    """Runs in `folder`. Only this process ends and starts it: workers know it by its `url`, as they know one
    on another machine, and wait until it is back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._cluster = Cluster(settle(folder / "postgres"), "approvals", {})
        self._cluster.start()

    @property
    def url(self) -> str:
        sockets = quote(str(self._cluster.place.sockets), safe="")
        return f"postgresql:///{self._cluster.dbname}?host={sockets}&user={SUPERUSER}"

    def crash(self) -> None:
        """Stop the server in immediate mode, as a crash would, and start it again."""
        os.kill(self._postmaster(), signal.SIGQUIT)
        while not self._cluster.is_down():
            time.sleep(0.01)
        self._cluster.start()

    def stop(self) -> None:
        self._cluster.stop()

    def _postmaster(self) -> int:
        return int((self._cluster.place.data / "postmaster.pid").read_text().split()[0])


@contextmanager
def ground() -> Iterator[Ground]:
    """A server for one run; nothing of it is left afterwards."""
    folder = VAR / f"chaos-{os.getpid()}"  # below var/, which PostgreSQL's account can enter
    folder.mkdir(parents=True)
    try:
        server = Ground(folder)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)
