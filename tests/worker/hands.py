"""A worker led by the hand: it claims, reads, runs and commits when it is told to, one thing at a time."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, connections

from flows import engine
from flows.store import commits, queue
from flows.store.commits import Committed
from flows.worker import chores, slots
from flows.worker.clock import Clock
from flows.worker.held import Held
from tests.durable import until

LEASE_SECONDS = 60
Key = tuple[UUID, int, int]  # an activation, each time that it resumes: execution, number, resumes


class Thread:
    """One thread with a database connection of its own, which does what others ask it to."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1)

    def do(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What it returns, or raises."""
        return self._pool.submit(function, *arguments).result()

    def do_behind_a_lock(self, function: Callable[..., Any]) -> Future[Any]:
        """Begun, and waiting for a lock that somebody holds; or done, when it needed none."""
        backend = self.do(_backend)
        future = self._pool.submit(function)
        until(lambda: future.done() or _waits_for_a_lock(backend))
        return future

    def end(self) -> None:
        self.do(connections.close_all)
        self._pool.shutdown()


class Slot:
    """A thread that runs chunks, and an event loop."""

    def __init__(self) -> None:
        self._thread, self._runner = Thread(), asyncio.Runner()

    def run(self, core: engine.Core, activation: engine.Activation) -> engine.Outcome:
        return self._thread.do(slots.perform, self._runner, core, activation)

    def end(self) -> None:
        self._thread.do(self._runner.close)
        self._thread.end()


@dataclass(eq=False)
class Load:
    """An execution in the hands of a worker, rightly or not. `version` is that of the claim or commit by
    which it came here, `ran` what has run and is not taken in, `done` what the next commit says of that."""

    held: Held
    version: int
    is_new: bool
    to_read: bool
    ran: list[tuple[engine.Activation, engine.Outcome]] = field(default_factory=list)
    done: list[Key] = field(default_factory=list)

    @property
    def id(self) -> UUID:
        return self.held.id


class Hand:
    """Executions stay with it until a commit lets go of them or is refused, or it dies."""

    def __init__(self, name: str, thread: Thread, slot: Slot) -> None:
        self.name, self.thread = name, thread
        self.loads: list[Load] = []
        self._slot, self._clock = slot, Clock()

    def die(self) -> None:
        """As if killed: it forgets everything, and its leases run on."""
        self.loads = []

    # -- what it can do -------------------------------------------------------------
    def claim(self, limit: int) -> list[queue.Claim]:
        claimer = queue.Claimer(self.name, LEASE_SECONDS)
        return self.thread.do(lambda: queue.claim(claimer, limit=limit))

    def take(self, claim: queue.Claim, version: int) -> None:
        self._look()
        held = Held(claim, self._clock)
        held.receive(claim.mail)
        has_more = claim.message_seq > claim.mail.message_seq
        self.loads.append(Load(held, version, is_new=has_more, to_read=has_more))

    @property
    def known(self) -> list[Load]:
        """What it may commit, whatever of it has run."""
        return [load for load in self.loads if not load.is_new]

    def steps(self) -> Iterator[tuple[str, Load]]:
        """What there is to do next; the plain order of things comes first."""
        for load in self.loads:
            may_commit = load.held.finished or load.held.is_settled
            if load.to_read:
                yield "read", load
            if load.is_new:
                continue
            if load.ran:
                yield "finish", load
            if may_commit:
                yield "commit", load
            if load.held.is_hungry:
                yield "run", load

    def read(self, load: Load) -> None:
        """Apply its messages."""
        self._look()
        load.held.receive(self.thread.do(queue.messages, [load.id])[load.id])
        load.to_read = load.is_new = False

    def run(self, load: Load) -> None:
        self._look()
        for activation in load.held.take():
            load.ran.append((activation, self._slot.run(load.held.core, activation)))

    def finish(self, load: Load) -> None:
        """Take in what one of its chunks did."""
        self._look()
        activation, outcome = load.ran.pop(0)
        load.held.finish(activation, outcome)
        if outcome.error is None:
            load.done.append((load.id, activation.id, activation.resumes))

    def tend(self, load: Load) -> None:
        """Do what the time has brought."""
        self._look()
        for chore in load.held.fire():
            if self.thread.do(
                lambda chore=chore: chores.SERVICES[chore.kind](execution_id=load.id, key=chore.key)
            ):
                load.to_read = True
            else:
                load.held.be_patient()

    def commit(self, loads: Sequence[Load], *, hand_back: bool = False) -> dict[UUID, Committed]:
        """What the database says of it; tell `learn`, or let the answer be lost."""
        return self.thread.do(self.committing(loads, hand_back))

    def committing(
        self, loads: Sequence[Load], hand_back: bool = False
    ) -> Callable[[], dict[UUID, Committed]]:
        self._look()
        batch = [load.held.commit(hand_back=hand_back) for load in loads]
        return lambda: commits.commit(batch, owner=self.name)

    def learn(self, load: Load, row: Committed | None) -> None:
        """`row` is what became of its commit, None when it was refused."""
        load.done = []
        if row is None:
            load.held.end()
            self.loads.remove(load)
            return
        load.held.committed(row)
        load.to_read |= row.message_seq > load.held.message_seq
        if not row.held:
            self.loads.remove(load)

    def release(self, load: Load) -> bool:
        """Hand it back without a commit."""
        return bool(self.thread.do(lambda: queue.release(ids=[load.id], owner=self.name)))

    def renew(self, load: Load) -> bool:
        ids = [load.id]
        renewed = self.thread.do(lambda: queue.renew(ids=ids, owner=self.name, lease_seconds=LEASE_SECONDS))
        return bool(renewed)

    def _look(self) -> None:
        self.thread.do(self._clock.look)


def _backend() -> int:
    connection.ensure_connection()
    return connection.connection.info.backend_pid


def _waits_for_a_lock(backend: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE pid = %s AND NOT granted)", [backend])
        return bool(cursor.fetchone()[0])
