"""Processes that use an embedded PostgreSQL, and what is running in its folder."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

USE = """
import sys
from approvals_site.pg_embedded.server import FAST_AND_UNSAFE, EmbeddedPostgres
server = EmbeddedPostgres(sys.argv[1], dbname="approvals", settings=FAST_AND_UNSAFE)
print(server.ensure()["host"], flush=True)
sys.stdin.read()
"""


class Client:
    """A process that has asked for the server below `base` and holds on to it."""

    def __init__(self, base: Path) -> None:
        command = [sys.executable, "-c", USE, str(base)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def wait_until_connected(self) -> str:
        """The socket folder; the error instead, when there is one."""
        return self.process.stdout.readline().strip() or self.process.stderr.read()

    def leave(self) -> None:
        self.process.communicate(timeout=20)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=20)


def postmaster(base: Path) -> psutil.Process | None:
    """The server's first process, when one runs."""
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "postgres" and f"{base}/18" in (process.info["cmdline"] or []):
            return process
    return None


def kill_postmaster(base: Path) -> None:
    """kill -9, and wait until its own children have noticed."""
    process = postmaster(base)
    family = [process, *process.children(recursive=True)]
    os.kill(process.pid, signal.SIGKILL)
    psutil.wait_procs(family, timeout=10)
