"""A PostgreSQL of its own for a test that stops it, starves it or fills its disk."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg
from django.conf import settings

from approvals_site.pg_embedded.cluster import Cluster
from approvals_site.pg_embedded.place import settle
from tests.faults import reach

ROOT = settings.VAR_DIR / "faults"  # below var/, which PostgreSQL's account can enter


class Server:
    """Runs in `folder`, to be found at `url`. What it has committed survives `kill`, not the machine."""

    def __init__(self, folder: Path, **options: str) -> None:
        self.cluster = Cluster(settle(folder), "approvals", {"fsync": "off"} | options)
        self.url = reach.url_in(str(self.cluster.place.sockets))
        self.start()

    def start(self) -> None:
        if self.cluster.is_down():
            self.cluster.start()

    def stop(self) -> None:
        self.cluster.stop()

    def migrate(self) -> None:
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        environment = os.environ | reach.environment(self.url)
        subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True)

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(**self.cluster.connection, dbname="approvals", autocommit=True)

    def kill(self) -> None:
        """kill -9 to the whole family, as when the machine loses power."""
        pid = int((self.cluster.place.data / "postmaster.pid").read_text().split()[0])
        postmaster = psutil.Process(pid)
        family = [postmaster, *postmaster.children(recursive=True)]
        for process in family:
            process.kill()
        psutil.wait_procs(family, timeout=10)


@contextmanager
def serving(*, on: Callable[[Path], AbstractContextManager] = nullcontext, **options: str):
    """A migrated server, its folder prepared by `on`; nothing of it is left afterwards."""
    folder = ROOT / uuid4().hex[:8]
    folder.mkdir(parents=True)
    try:
        with on(folder):
            server = Server(folder, **options)
            try:
                server.migrate()
                yield server
            finally:
                server.stop()
    finally:
        shutil.rmtree(folder)
