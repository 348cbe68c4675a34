"""A real `manage.py serve` to break, and what became of its children."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import psutil
from django.conf import settings

PATIENCE_SECONDS = 20
IN_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(condition, *, seconds=PATIENCE_SECONDS):
    """What `condition` gives once it is true; fails when it does not become so in time."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} seconds"
        time.sleep(0.05)
    return value


class Serve:
    """`manage.py serve` with its data in `folder`; `output` is all that it has printed.

    With a `terminal` (one end of a pseudo terminal), it is what a key typed there is for.
    """

    def __init__(self, folder: Path, port: int, terminal: int | None = None) -> None:
        self.folder, self.port = folder, port
        self.output = ""
        prefix = [] if terminal is None else [sys.executable, "-c", IN_TERMINAL]
        self.process = subprocess.Popen(
            [*prefix, sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=settings.BASE_DIR,
            env=_environment(folder),
            start_new_session=True,
            stdin=subprocess.DEVNULL if terminal is None else terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.output += line

    def wait_until_running(self) -> None:
        eventually(lambda: "is running at" in self.output or self.process.poll() is not None)
        assert self.process.poll() is None, self.output

    def child(self, command: str) -> psutil.Process | None:
        """The process of that command, once it has started."""
        for process in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):  # it may just have ended
                if command in process.cmdline():
                    return process
        return None

    def kill_child(self, command: str) -> psutil.Process:
        """kill -9; gives the process that took its place."""
        killed = self.child(command)
        killed.kill()
        return eventually(lambda: (new := self.child(command)) and new.pid != killed.pid and new)

    def kill(self) -> None:
        self.process.kill()
        self.wait()

    def stop(self) -> int:
        """Ask it to end; gives its exit code."""
        self.process.terminate()
        return self.wait()

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        self.process.wait(PATIENCE_SECONDS)
        self.reader.join(PATIENCE_SECONDS)  # its children hold the other end of the pipe
        self.process.stdout.close()
        return self.process.returncode

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=3) as answer:
                return answer.status == 200
        except OSError:
            return False


def processes_of(folder: Path) -> list[psutil.Process]:
    """Every process that belongs to the installation whose data is in `folder`."""
    return [process for process in psutil.process_iter() if _belongs(process, str(folder))]


def _belongs(process: psutil.Process, folder: str) -> bool:
    try:
        return process.environ().get("APPROVALS_VAR_DIR") == folder and process.status() != "zombie"
    except psutil.Error:
        return False


def _environment(folder: Path) -> dict[str, str]:
    removed = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PORT"}
    kept = {name: value for name, value in os.environ.items() if name not in removed}
    return kept | {"APPROVALS_VAR_DIR": str(folder)}
