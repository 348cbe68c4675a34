"""The other side: workers are killed and stalled at random, the server is crashed, and all come back."""

import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from benchmarks.chaos.ground import Ground
from tests.herd import Herd

AWAY = (OperationalError, InterfaceError)
HELD = """
SELECT id, extract(epoch FROM clock_timestamp())::float8 FROM flows_execution
WHERE finished_at IS NULL AND split_part(lease_owner, ':', 2) = %s
"""
# What is parked without a commit since then was let go by a last commit that outlived its worker.
COMMITTED = """
SELECT id, extract(epoch FROM updated_at)::float8, wake_at IS NULL FROM flows_execution
WHERE id = ANY(%s::uuid[])
"""
PROGRESS = """
SELECT EXISTS (
    SELECT FROM flows_execution WHERE finished_at IS NULL AND updated_at > to_timestamp(%(since)s)
    UNION ALL SELECT FROM flows_execution WHERE finished_at > to_timestamp(%(since)s)
)
"""
NOW = "SELECT extract(epoch FROM clock_timestamp())::float8"


@dataclass
class Done:
    """What havoc has done, and the seconds from each kill to the next commit of what was held then."""

    kills: int = 0
    stalls: int = 0
    restarts: int = 0
    recoveries: list[float] = field(default_factory=list)


class Havoc:
    """Keeps `workers` alive however many it ends."""

    def __init__(self, server: Ground, herd: Herd, workers: int, lease_seconds: float) -> None:
        self.done, self._server = Done(), server
        self._herd, self._wanted, self._lease_seconds = herd, workers, lease_seconds
        self._chance = random.Random(0)  # noqa: S311
        self._workers = [herd.worker() for _ in range(workers)]
        self._stalled: list[tuple[float, BaseProcess]] = []
        self._bereft: dict[UUID, float] = {}  # held by a killed worker: since when, by PostgreSQL's clock

    def kill_one(self) -> None:
        """SIGKILL one; another one takes its place at once."""
        victim = self._workers.pop(self._chance.randrange(len(self._workers)))
        pid = str(victim.pid)
        self._herd.bury(victim)
        self._bereft |= dict(patiently(HELD, [pid]))
        self.done.kills += 1
        self._replace()

    def stall_one(self) -> None:
        """SIGSTOP one until its leases have run out."""
        victim = self._workers.pop(self._chance.randrange(len(self._workers)))
        os.kill(victim.pid or 0, signal.SIGSTOP)
        length = self._lease_seconds * self._chance.uniform(1.2, 2.0)
        self._stalled.append((time.monotonic() + length, victim))
        self.done.stalls += 1
        self._replace()

    def restart(self) -> None:
        """The server crashes and is started again."""
        connection.close()
        connection.close_pool()
        self._server.crash()
        self._bereft.clear()  # what these wait for now is the server
        self.done.restarts += 1

    def let_work(self, most_seconds: float) -> None:
        """Until something was committed since now, so that havoc never outruns the work."""
        ((now,),) = patiently(NOW)
        until(lambda: patiently(PROGRESS, {"since": now})[0][0], most_seconds)

    def look_around(self) -> None:
        """Wake who was stalled long enough, and note who has recovered."""
        for wake_at, worker in list(self._stalled):
            if time.monotonic() >= wake_at:
                self._stalled.remove((wake_at, worker))
                os.kill(worker.pid or 0, signal.SIGCONT)
                self._workers.append(worker)
        if self._bereft:
            for id, committed_at, is_parked in patiently(COMMITTED, [list(self._bereft)]):
                if committed_at > self._bereft[id]:
                    self.done.recoveries.append(committed_at - self._bereft.pop(id))
                elif is_parked:
                    del self._bereft[id]

    def wake_all(self) -> None:
        self._stalled = [(0.0, worker) for _, worker in self._stalled]
        self.look_around()

    @property
    def is_recovered(self) -> bool:
        return not self._bereft

    def _replace(self) -> None:
        alive = [worker for worker in self._workers if worker.is_alive()]
        self._workers = alive + [self._herd.worker() for _ in range(self._wanted - len(alive))]


def patiently(query: str, parameters: Any = None) -> list[Any]:
    """The rows of `query`, as soon as there is a server."""
    while True:
        try:
            with connection.cursor() as cursor:
                cursor.execute(query, parameters)
                return cursor.fetchall()
        except AWAY:
            connection.close()
            time.sleep(0.05)


def until(condition: Callable[[], object], seconds: float) -> bool:
    """Whether it came true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
