"""Processes that start in no time: forked by a server that has Django and the flows loaded already."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, connections

from flows.store import crash

CONTEXT = multiprocessing.get_context("forkserver")
STALLED_MS = 300  # a stalled process loses its open transaction after this, and with it its locks
PATIENCE_SECONDS = 20


class Herd:
    """Real processes on the database of this one, or on `database` beside it; none is left after `stop`, or
    when this process is gone without it."""

    def __init__(self, log: Path, database: str = "") -> None:
        self._log, self._database = log, database
        self._running: list[BaseProcess] = []
        os.environ["APPROVALS_DB_NAME"] = connections["default"].settings_dict["NAME"]
        CONTEXT.set_forkserver_preload(["tests.loaded", "tests.herd"])

    def worker(self, orders: str = "", **options: Any) -> BaseProcess:
        """A worker, with the options of `manage.py flows_worker`."""
        return self.run(_work, options, orders=orders)

    def run(self, function: Callable[..., Any], *arguments: Any, orders: str = "") -> BaseProcess:
        """`function(*arguments)` in a process of its own, which obeys `orders` to crash."""
        process = CONTEXT.Process(
            target=_begin, args=(self._log, self._database, orders, function, arguments)
        )
        process.start()
        self._running.append(process)
        return process

    def bury(self, process: BaseProcess) -> None:
        """Kill it and keep nothing of it."""
        process.kill()
        process.join(PATIENCE_SECONDS)
        self._running.remove(process)
        process.close()

    def output(self) -> str:
        return self._log.read_text() if self._log.exists() else ""

    def stop(self) -> None:
        for process in self._running:
            process.kill()
            process.join(PATIENCE_SECONDS)


def is_stopped(process: BaseProcess) -> bool:
    """Whether a SIGSTOP holds it."""
    stat = Path(f"/proc/{process.pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "T"


def is_gone(process: BaseProcess) -> bool:
    return not process.is_alive()


def end(process: BaseProcess) -> int | None:
    """Let a worker end by itself; its exit code."""
    if process.is_alive():
        os.kill(process.pid, signal.SIGCONT)
    process.terminate()
    process.join(PATIENCE_SECONDS)
    return process.exitcode


def _begin(
    log: Path, database: str, orders: str, function: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    with log.open("a") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    connection.settings_dict["NAME"] = database or connection.settings_dict["NAME"]
    options = connection.settings_dict["OPTIONS"]
    options["options"] = f"-c idle_in_transaction_session_timeout={STALLED_MS} {options.get('options', '')}"
    crash.arm(orders)
    function(*arguments)


def _leave_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGKILL)


def _work(options: dict[str, Any]) -> None:
    call_command("flows_worker", **options)
