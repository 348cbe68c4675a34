"""The real site for tests: web server and worker in processes of their own, on the test database."""

import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection

from approvals_site.listening import listen

PATIENCE_SECONDS = 60


@dataclass
class Site:
    """`url` without a slash at its end; `children` by command; `extra` goes into their environment."""

    url: str
    log: Path
    extra: dict[str, str] = field(default_factory=dict)
    listener: int = -1
    children: dict[str, subprocess.Popen] = field(default_factory=dict)

    def start(self, command: str, *arguments: str, keep: tuple[int, ...] = ()) -> None:
        with self.log.open("a") as log:
            self.children[command] = subprocess.Popen(
                [sys.executable, "manage.py", command, *arguments],
                cwd=settings.BASE_DIR,
                env=os.environ | _environment() | self.extra,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=keep,
            )

    def start_web(self) -> None:
        """On the socket of this process, so that one web server may start beside another."""
        self.start("web", "--listener", str(self.listener), keep=(self.listener,))

    def start_worker(self) -> None:
        self.start("flows_worker")

    @property
    def worker_is_gone(self) -> bool:
        worker = self.children.get("flows_worker")
        return worker is None or worker.poll() is not None

    def kill_worker(self) -> None:
        """kill -9, as a machine that loses power would."""
        self.children["flows_worker"].kill()
        self.children.pop("flows_worker").wait()

    def stop(self) -> None:
        for child in self.children.values():
            child.terminate()
        for child in self.children.values():
            child.wait(PATIENCE_SECONDS)

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._answers():
            assert self.children["web"].poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False


@contextmanager
def running(log: Path, **extra: str):
    """A started Site, with `extra` in its environment; everything it started has ended afterwards."""
    with listen("127.0.0.1", 0) as listener:
        site = Site(f"http://localhost:{listener.getsockname()[1]}", log, extra, listener.fileno())
        try:
            site.start_web()
            site.start_worker()
            site.wait_until_up()
            yield site
        finally:
            site.stop()


def _environment() -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "approvals_site.settings_test",
        "APPROVALS_DB_NAME": connection.settings_dict["NAME"],
    }
