"""Workers that go from one crash point to the next only when they are told, so that tests choose how they
interleave. Each is a real Dispatcher with its own threads and connections."""

import threading
from collections.abc import Callable

from django.db import connection, connections
from django.db.models.functions import Now

from flows.models import Execution
from flows.worker import Dispatcher

PATIENCE_SECONDS = 20
A_LONG_LEASE = 100_000.0  # ends when a test says so


class Killed(BaseException):
    """Raised at a point: the thread is gone, and nothing of it tidies up."""


class Actor:
    """One thread. `at` is the point where it has stopped, None while it runs."""

    def __init__(self) -> None:
        self.at: str | None = None
        self._may_go = threading.Semaphore(0)

    def stop_at(self, name: str) -> None:
        self.at = name
        self._may_go.acquire()

    def go(self) -> None:
        self.at = None
        self._may_go.release()


class Stepper:
    """Give it to crash.watch; threads of no worker, and open transactions, pass."""

    def __init__(self) -> None:
        self.workers: list[Worker] = []

    def __call__(self, name: str) -> None:
        if connection.in_atomic_block:
            return
        thread = threading.current_thread()
        for worker in self.workers:
            if worker.owns(thread):
                worker.arrive(thread, name)


class Worker:
    """Looks for work, works until nothing is due, and looks again at its next step."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.dispatcher = Dispatcher(concurrency=2, lease_seconds=A_LONG_LEASE)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._actors: dict[threading.Thread, Actor] = {self._thread: Actor()}
        self._arrived = self._completed = 0  # chunks
        self._is_killed = False
        self.error: BaseException | None = None

    def step(self, choice: int) -> None:
        """Let one of its threads go on to its next point, and wait until all stand still."""
        if self._thread.ident is None:
            self._thread.start()
        elif not self._thread.is_alive():
            self._begin()
            self._thread.start()
        else:
            stopped = [actor for actor in self._actors.values() if actor.at]
            actor = stopped[choice % len(stopped)]
            self._completed += actor.at == "run.after"
            actor.go()
        self._wait_until(self._stands_still)
        assert self.error is None, self.error

    def kill(self) -> None:
        """As SIGKILL would, as far as the database can tell; another one begins in its place."""
        self._is_killed = True
        self.dispatcher._slots.stop()
        for actor in self._actors.values():
            actor.go()
        if self._thread.ident is not None:
            for thread in (self._thread, *self.dispatcher._slots._threads):
                thread.join(PATIENCE_SECONDS)
                assert not thread.is_alive()
        self._begin()

    def lose_leases(self) -> None:
        """They run out, although it lives."""
        Execution.objects.filter(lease_owner=self.dispatcher.owner).update(lease_until=Now())

    def owns(self, thread: threading.Thread) -> bool:
        return thread is self._thread or thread in self.dispatcher._slots._threads

    def arrive(self, thread: threading.Thread, name: str) -> None:
        actor = self._actors.setdefault(thread, Actor())
        self._arrived += name == "run.before"
        if not self._is_killed:
            actor.stop_at(name)
        if self._is_killed:
            raise Killed

    def _work(self) -> None:
        try:
            self.dispatcher.run(until_idle=True)
        except Killed:
            pass
        except BaseException as error:
            self.error = error
        finally:
            connections.close_all()

    def _stands_still(self) -> bool:
        """Every thread is at a point, or has nothing to do until another one goes on."""
        if not self._thread.is_alive():
            return True
        dispatcher, main = self.dispatcher, self._actors[self._thread]
        taken = dispatcher.counts.chunks
        stopped = [actor for actor in list(self._actors.values()) if actor.at and actor is not main]
        return (
            main.at is not None
            and self._arrived == taken + dispatcher._slots.busy
            and len(stopped) == self._arrived - self._completed
            and taken + dispatcher._inbox._items.qsize() == self._completed
        )

    def _wait_until(self, condition: Callable[[], bool]) -> None:
        tick = threading.Event()
        for _ in range(PATIENCE_SECONDS * 1000):
            if condition():
                return
            tick.wait(0.001)
        where = {thread.name: actor.at for thread, actor in self._actors.items()}
        raise AssertionError(f"It does not stand still: {where}")
