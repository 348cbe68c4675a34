"""What the tests of the durable runtime do again and again."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection, connections

from flows.models import Event, Execution, Interrupt
from flows.services import audit, executions, integrity
from flows.worker import Dispatcher

PATIENCE_SECONDS = 20


def work() -> Dispatcher:
    """Run whatever is due, in this thread, until nothing is."""
    dispatcher = Dispatcher()
    assert dispatcher.run(until_idle=True)
    return dispatcher


def ask(by=None, **options) -> Interrupt:
    """A waiting interrupt of the flow "ask", made with these options of `pause_for`."""
    execution = executions.start(flow="ask", input=options, by=by)
    work()
    return Interrupt.objects.get(execution=execution)


def start_at_once(rows: Iterable[Execution]) -> None:
    """Many executions as `executions.start` would have left them."""
    started = Execution.objects.bulk_create(rows)
    Event.objects.bulk_create(Event(execution=row, kind="execution.started") for row in started)


def intact() -> None:
    """Whatever was done to the workers, everything that must be true of the rows is."""
    broken = integrity.check()
    assert broken == [], broken
    assert audit.verify().problems == []


def reload(execution: Execution) -> Execution:
    return Execution.objects.get(pk=execution.pk)


class Threads:
    """Functions that run at once, each with its own database connection; all start at one barrier."""

    def __init__(self, functions: list[Callable[[], object]]) -> None:
        self.results: list[object] = [None] * len(functions)
        self._barrier = threading.Barrier(len(functions))
        self._threads = [
            threading.Thread(target=self._call, args=(index, function))
            for index, function in enumerate(functions)
        ]

    def run(self) -> list[object]:
        """What each returned or raised, in order."""
        for thread in self._threads:
            thread.start()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()
        return self.results

    def _call(self, index: int, function: Callable[[], object]) -> None:
        try:
            self._barrier.wait(PATIENCE_SECONDS)
            self.results[index] = function()
        except Exception as error:
            self.results[index] = error
        finally:
            connections.close_all()


@contextmanager
def working(**options):
    """A worker in a thread of this process; it has let go of everything afterwards."""
    dispatcher = Dispatcher(**options)
    thread = threading.Thread(target=dispatcher.run)
    thread.start()
    try:
        yield dispatcher
    finally:
        if dispatcher._stop_at is None:  # a second call would end it without grace
            dispatcher.stop()
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()
        connections.close_all()


def until(condition: Callable[[], object]) -> object:
    """Look again and again, for at most 20 s, until `condition` holds; what it returned then."""
    tick = threading.Event()
    for _ in range(PATIENCE_SECONDS * 100):
        if found := condition():
            return found
        tick.wait(0.01)
    raise AssertionError("This did not come true in time.")


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


class Processes:
    """Real workers on the test database; all of them are gone after the test."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("a+")  # the workers write while it is read
        self._running: list[subprocess.Popen] = []

    def worker(self, *arguments: str, **extra: str) -> subprocess.Popen:
        """`extra` goes into its environment."""
        return self.command("flows_worker", *arguments, **extra)

    def command(self, *arguments: str, **extra: str) -> subprocess.Popen:
        """Any other command, in a process of its own on the test database."""
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "approvals_site.settings_test",
            "APPROVALS_DB_NAME": connections["default"].settings_dict["NAME"],
        }
        command = [sys.executable, "manage.py", *arguments]
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment | extra, stdout=self._log, stderr=self._log
        )
        self._running.append(process)
        return process

    def output(self) -> str:
        self._log.seek(0)
        return self._log.read()

    def stop(self) -> None:
        for worker in self._running:
            worker.kill()
            worker.wait()
        self._log.close()
