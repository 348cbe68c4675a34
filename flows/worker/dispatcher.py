"""The worker's main thread: claims executions, starts their chunks, commits what came out.

It owns all `Holdings` and the connection that claims and commits. Each round takes in what the
other threads report, looks for work, commits all that can be committed in one statement, and
starts what may start. Nothing is lost when the database goes away: a round is repeated.
"""

import logging
import os
import secrets
import socket
import time
from collections.abc import Iterable

from flows import conf
from flows.live import hints
from flows.store import connection, crash, queue
from flows.worker import chores
from flows.worker.claiming import Claiming
from flows.worker.clock import Clock
from flows.worker.committing import Committing, Counts
from flows.worker.fleet.sender import Sender
from flows.worker.heartbeat import Heartbeat
from flows.worker.held import Held
from flows.worker.holdings import Holdings
from flows.worker.inbox import Finished, Inbox, Item, Look, Lost
from flows.worker.listener import Listener
from flows.worker.slots import Slots

log = logging.getLogger(__name__)

SAVE_SECONDS = 0.1  # after this, what an answer changed is saved even while its chunk still runs
MAX_DELAY = 5.0
LEAST_PATIENCE = 3.0  # a commit may be long; whether one was done is told by its epoch afterwards


class Dispatcher:
    """Call `run` in one thread; `stop` from any, or from a signal handler."""

    def __init__(
        self,
        *,
        concurrency: int | None = None,
        lease_seconds: float | None = None,
        queues: Iterable[str] | None = None,
    ) -> None:
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.counts = Counts()
        queues = conf.get("FLOWS_QUEUES") if queues is None else queues
        self.queues = None if queues is None else tuple(queues)
        self._lease_seconds = lease_seconds or conf.get("FLOWS_LEASE_SECONDS")
        self._holds = Holdings()
        self._clock = Clock()
        claimer = queue.Claimer(self.owner, self._lease_seconds, self.queues)
        self._claiming = Claiming(self._holds, self._clock, claimer)
        self._sender = Sender()
        self._committing = Committing(self._holds, self.counts, self._sender, owner=self.owner)
        self._look_at = 0.0  # when to look without having heard anything
        self._stop_at: float | None = None
        self._inbox = Inbox()
        self._slots = Slots(int(concurrency or conf.get("FLOWS_CONCURRENCY")), self._inbox)

    def stop(self) -> None:
        """Claim nothing more, give running chunks the grace period, then let go of everything."""
        if self._stop_at is None:
            self._stop_at = time.monotonic() + conf.get("FLOWS_GRACE_SECONDS")
        else:
            self._stop_at = time.monotonic()  # asked twice: at once
        self._inbox.put(Look())

    def run(self, *, until_idle: bool = False) -> bool:
        """Work until stopped, or with `until_idle` until nothing is due; whether every chunk had ended."""
        heartbeat = Heartbeat(
            holds=self._holds.by_id, inbox=self._inbox, owner=self.owner, lease_seconds=self._lease_seconds
        )
        listener = Listener(self._inbox)
        heartbeat.start()
        self._sender.start()
        if not until_idle:
            listener.start()
        try:
            with connection.own(max(self._lease_seconds / 2, LEAST_PATIENCE)):
                crash.point("worker.start")
                self._work(until_idle)
                return self._let_go()
        finally:
            connection.close()
            heartbeat.stop()
            listener.stop()
            self._sender.stop()

    # -- rounds -------------------------------------------------------------------
    def _work(self, until_idle: bool) -> None:
        delay = 0.0
        while not self._is_over(until_idle):
            try:
                self._take_in(self._inbox.take_all(delay or self._patience()))
                self._round()
                delay = 0.0
            except connection.AWAY as error:
                delay = min(max(0.1, delay * 2), MAX_DELAY)
                log.warning("The database is away, next try in %.1f s: %s", delay, error)
                connection.close()

    def _is_over(self, until_idle: bool) -> bool:
        if self._stop_at is not None:
            return not self._holds or time.monotonic() >= self._stop_at
        return until_idle and not self._holds and not self._claiming.look

    def _patience(self) -> float:
        """How long this round may wait for news."""
        if self._may_claim() or self._holds.to_settle or self._holds.to_read:
            return 0.0
        now = time.monotonic()
        limits = [self._look_at - now]
        if self._holds.timed:
            limits.append(min(self._holds.timed.values()) - self._clock.earliest())
        if self._holds.unsaved:
            limits.append(min(self._holds.unsaved.values()) + SAVE_SECONDS - now)
        if self._stop_at is not None:
            limits.append(self._stop_at - now)
        return max(min(limits), 0.001)

    def _take_in(self, items: Iterable[Item]) -> None:
        for item in items:
            if isinstance(item, Finished):
                self._finish(item)
            elif isinstance(item, Lost):
                self._lose(item)
            else:
                self._look_around()
        if time.monotonic() >= self._look_at:
            self._look_around()  # hints may be lost: see for oneself
            self._clock.look()

    def _round(self) -> None:
        if self._may_claim():
            self.counts.claimed += self._claiming.claim(self._room)
        self._read()
        self._tend()
        self._settle()
        self._feed()

    # -- news ---------------------------------------------------------------------
    def _finish(self, item: Finished) -> None:
        self._slots.freed()
        self.counts.chunks += 1
        if self._holds.has(item.held) and item.held.core is not None:
            item.held.finish(item.activation, item.outcome)
            self._holds.to_settle[item.held.id] = item.held

    def _lose(self, item: Lost) -> None:
        held = self._holds.by_id.get(item.id)
        if held is not None and held.epoch == item.epoch:
            self._holds.drop(held)

    def _look_around(self) -> None:
        self._claiming.look = True
        self._look_at = time.monotonic() + conf.get("FLOWS_POLL_SECONDS")
        self._holds.to_read |= {held.id for held in self._holds if held.is_running}
        if self._stop_at is not None:
            self._holds.to_settle |= {held.id: held for held in self._holds if not held.is_running}

    # -- work ---------------------------------------------------------------------
    def _may_claim(self) -> bool:
        return self._claiming.look and self._stop_at is None and self._room > 0

    @property
    def _room(self) -> int:
        """How many executions more may be claimed: one that wants a further chunk does not keep others from
        their first. Held are twice as many as there are slots, so that they take turns, and no more."""
        return min(self._slots.free - self._holds.fresh, 2 * self._slots.size - len(self._holds))

    def _read(self) -> None:
        wanted = self._holds.to_read & self._holds.by_id.keys()
        if wanted:
            for id, mail in queue.messages(wanted).items():
                held = self._holds.by_id[id]
                if held.receive(mail):
                    self._holds.to_settle[id] = held
            crash.point("read.known")
        self._holds.to_read.clear()

    def _tend(self) -> None:
        """Do what the time has brought to what is held, through the services where that is needed."""
        now = self._clock.earliest()
        late = {id: self._holds.by_id[id] for id, at in self._holds.timed.items() if at <= now}
        for id, held in (late | self._holds.to_settle).items():
            self._holds.to_settle[id] = held
            if held.mail_is_due:
                self._holds.to_read.add(id)
            for chore in held.fire():
                if chores.do(id, chore):
                    self._holds.to_read.add(id)
                else:
                    held.be_patient()
        self._read()

    def _settle(self) -> None:
        """Commit what must be committed before anything of it may start, or what has to be let go."""
        now = time.monotonic()
        self._holds.to_settle = {
            id: held for id, held in self._holds.to_settle.items() if self._holds.has(held)
        }
        late = {
            id: self._holds.by_id[id]
            for id, since in self._holds.unsaved.items()
            if now - since >= SAVE_SECONDS
        }
        for held in self._holds.to_settle.values():
            if self._stop_at is None:
                held.send_away()
        due = late | {id: held for id, held in self._holds.to_settle.items() if self._must_commit(held)}
        if due:
            is_stopping = self._stop_at is not None
            self._claiming.look |= self._committing.commit(list(due.values()), hand_back=is_stopping)
        for held in (late | self._holds.to_settle).values():
            self._holds.sort(held, now)
        self._holds.to_settle = {}

    def _must_commit(self, held: Held) -> bool:
        stopping = self._stop_at is not None and not held.is_running
        return held.finished or held.is_settled or stopping

    def _feed(self) -> None:
        """Give free slots to the hungry, one chunk each in turn, those first that have the fewest."""
        while self._stop_at is None and self._holds.hungry and self._slots.free > 0:
            held = self._holds.hungriest()
            del self._holds.hungry[held.id]
            for activation in held.take():
                self._slots.run(held, activation)
            if held.is_hungry:
                self._holds.hungry[held.id] = held

    # -- the end ------------------------------------------------------------------
    def _let_go(self) -> bool:
        """Hand back what is still held; whether every chunk had ended."""
        crash.point("shutdown.begin")
        self._slots.stop()
        if self._slots.busy == 0:
            self._slots.join()
        try:
            if self._holds:
                queue.release(ids=list(self._holds.by_id), owner=self.owner)
                hints.wake_workers()
        except connection.AWAY as error:
            log.warning("Leases not handed back, they run out by themselves: %s", error)
        for held in self._holds:
            self._holds.drop(held)
        crash.point("shutdown.end")
        return self._slots.busy == 0
