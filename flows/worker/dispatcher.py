"""The worker's main thread: claims executions, starts their chunks, commits what came out.

It owns every `Held` and the connection that claims and commits. Each round takes in what the
other threads report, looks for work, commits all that can be committed in one statement, and
starts what may start. Nothing is lost when the database goes away: a round is repeated.
"""

import logging
import os
import secrets
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import DatabaseError

from flows import conf
from flows.live import hints
from flows.store import commits, connection, queue
from flows.worker import chores, parking
from flows.worker.clock import Clock
from flows.worker.heartbeat import Heartbeat
from flows.worker.held import Held
from flows.worker.inbox import Finished, Inbox, Item, Look, Lost
from flows.worker.listener import Listener
from flows.worker.slots import Slots

log = logging.getLogger(__name__)

SAVE_SECONDS = 0.1  # after this, what an answer changed is saved even while its chunk still runs
MAX_DELAY = 5.0


@dataclass(slots=True)
class Counts:
    """What this worker has done so far."""

    claimed: int = 0
    chunks: int = 0
    commits: int = 0
    refused: int = 0


class Dispatcher:
    """Call `run` in one thread; `stop` from any, or from a signal handler."""

    def __init__(self, *, concurrency: int | None = None, lease_seconds: float | None = None) -> None:
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.counts = Counts()
        self._lease_seconds = lease_seconds or conf.get("FLOWS_LEASE_SECONDS")
        self._holds: dict[UUID, Held] = {}
        self._unsaved: dict[UUID, float] = {}  # running and ahead of the database, since when
        self._hungry: dict[UUID, Held] = {}  # could start a chunk if a slot were free
        self._to_read: set[UUID] = set()  # messages of these are to be fetched
        self._timed: dict[UUID, float] = {}  # when these have to be looked at without having heard anything
        self._to_settle: dict[UUID, Held] = {}  # something happened to these in this round
        self._suspect: Held | None = None  # the one that may be what kills its workers, and until when
        self._suspect_until = 0.0
        self._clock: Clock | None = None
        self._look = True
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
            holds=self._holds, inbox=self._inbox, owner=self.owner, lease_seconds=self._lease_seconds
        )
        listener = Listener(self._inbox)
        heartbeat.start()
        if not until_idle:
            listener.start()
        try:
            with connection.own():
                self._work(until_idle)
                return self._let_go()
        finally:
            connection.close()
            heartbeat.stop()
            listener.stop()

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
        return until_idle and not self._holds and not self._look

    def _patience(self) -> float:
        """How long this round may wait for news."""
        if self._may_claim() or self._to_settle or self._to_read:
            return 0.0
        now = time.monotonic()
        limits = [self._look_at - now]
        if self._timed:
            limits.append(min(self._timed.values()) - self._now.earliest())
        if self._unsaved:
            limits.append(next(iter(self._unsaved.values())) + SAVE_SECONDS - now)
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
            self._now.look()

    def _round(self) -> None:
        if self._may_claim():
            self._claim()
        self._read()
        self._tend()
        self._settle()
        self._feed()

    @property
    def _now(self) -> Clock:
        self._clock = self._clock or Clock()
        return self._clock

    # -- news ---------------------------------------------------------------------
    def _finish(self, item: Finished) -> None:
        self._slots.freed()
        self.counts.chunks += 1
        if self._holds.get(item.held.id) is item.held and item.held.core is not None:
            item.held.finish(item.activation, item.outcome)
            self._to_settle[item.held.id] = item.held

    def _lose(self, item: Lost) -> None:
        held = self._holds.get(item.id)
        if held is not None and held.epoch == item.epoch:
            self._drop(held)

    def _look_around(self) -> None:
        self._look = True
        self._look_at = time.monotonic() + conf.get("FLOWS_POLL_SECONDS")
        self._to_read |= {held.id for held in self._holds.values() if held.is_running}
        if self._stop_at is not None:
            self._to_settle |= {held.id: held for held in self._holds.values() if not held.is_running}

    # -- work ---------------------------------------------------------------------
    def _may_claim(self) -> bool:
        return self._look and self._stop_at is None and self._slots.free > len(self._hungry)

    def _claim(self) -> None:
        limit = self._slots.free - len(self._hungry)
        claims = queue.claim(limit=limit, owner=self.owner, lease_seconds=self._lease_seconds)
        self._look = len(claims) == limit
        self.counts.claimed += len(claims)
        for claim in self._set_apart(claims):
            self._adopt(claim)

    def _set_apart(self, claims: list[queue.Claim]) -> list[queue.Claim]:
        """Keep one suspect at a time: together, the guilty one would take the others along each time."""
        suspects = [claim for claim in claims if parking.suspicious(claim)]
        if not suspects:
            return claims
        later = {claim.id for claim in suspects[1 if self._has_no_suspect() else 0 :]}
        queue.release(ids=list(later), owner=self.owner, delay_seconds=conf.get("FLOWS_POLL_SECONDS"))
        return [claim for claim in claims if claim.id not in later]

    def _has_no_suspect(self) -> bool:
        """Whether the last one has come further, is gone, or has lived so long that it may have company."""
        suspect = self._suspect
        if suspect is None or self._holds.get(suspect.id) is not suspect or not suspect.claims:
            return True
        return time.monotonic() >= self._suspect_until

    def _adopt(self, claim: queue.Claim) -> None:
        known = self._holds.get(claim.id)
        if known is not None and claim.epoch == known.epoch + 1:  # our own lease had run out, to nobody
            known.epoch = claim.epoch
            return
        if known is not None:
            self._drop(known)
        held = self._holds[claim.id] = self._to_settle[claim.id] = Held(claim, self._now)
        if parking.suspicious(claim):
            self._suspect, self._suspect_until = held, time.monotonic() + self._lease_seconds
        if claim.message_seq:
            self._to_read.add(held.id)

    def _read(self) -> None:
        wanted = self._to_read & self._holds.keys()
        if wanted:
            for id, mail in queue.messages(wanted).items():
                held = self._holds[id]
                if held.receive(mail):
                    self._to_settle[id] = held
        self._to_read.clear()

    def _tend(self) -> None:
        """Do what the time has brought to what is held, through the services where that is needed."""
        now = self._now.earliest()
        late = {id: self._holds[id] for id, at in self._timed.items() if at <= now}
        for id, held in (late | self._to_settle).items():
            self._to_settle[id] = held
            if held.mail_is_due:
                self._to_read.add(id)
            for chore in held.fire():
                if chores.do(id, chore):
                    self._to_read.add(id)
                else:
                    held.be_patient()
        self._read()

    def _settle(self) -> None:
        """Commit what must be committed before anything of it may start, or what has to be let go."""
        now = time.monotonic()
        self._to_settle = {id: held for id, held in self._to_settle.items() if self._holds.get(id) is held}
        late = {id: self._holds[id] for id, since in self._unsaved.items() if now - since >= SAVE_SECONDS}
        due = late | {id: held for id, held in self._to_settle.items() if self._must_commit(held)}
        if due:
            self._commit(list(due.values()))
        for held in self._to_settle.values():
            self._sort(held, now)
        self._to_settle = {}

    def _must_commit(self, held: Held) -> bool:
        stopping = self._stop_at is not None and not held.is_running
        return held.finished or held.is_settled or stopping

    def _sort(self, held: Held, now: float) -> None:
        """Remember what is to be done next with an execution that is still held."""
        if self._holds.get(held.id) is not held:
            return
        self._timed.pop(held.id, None)
        if (instant := held.instant) is not None:
            self._timed[held.id] = instant
        if held.is_hungry:
            self._hungry[held.id] = held
        if held.unsaved:
            self._unsaved.setdefault(held.id, now)

    def _feed(self) -> None:
        """Give free slots to the hungry, one chunk each in turn."""
        while self._stop_at is None and self._hungry and self._slots.free > 0:
            id, held = next(iter(self._hungry.items()))
            del self._hungry[id]
            for activation in held.take():
                self._slots.run(held, activation)
            if held.is_hungry:
                self._hungry[id] = held

    # -- commits ------------------------------------------------------------------
    def _commit(self, due: list[Held]) -> None:
        try:
            rows = commits.commit([self._row(held) for held in due], owner=self.owner)
        except connection.AWAY:
            raise
        except DatabaseError as error:
            return self._commit_apart(due, error)
        self.counts.commits += 1
        topics = [held.topics(rows[held.id]) for held in due if held.id in rows]
        for held in due:
            if held.id in rows:
                self._committed(held, rows[held.id])
        self._refused([held for held in due if held.id not in rows])
        hints.send(set().union(*topics))
        return None

    def _commit_apart(self, due: list[Held], error: DatabaseError) -> None:
        """Find out which one the database does not take, and set that one aside."""
        if len(due) > 1:
            for held in due:
                self._commit([held])
        elif due[0].core is not None:
            due[0].park(parking.refused(error))
            self._commit(due)
        else:
            log.error("%s cannot be set aside either: %s", due[0].id, error)
            self._drop(due[0])

    def _row(self, held: Held) -> commits.Commit:
        return held.commit(hand_back=self._stop_at is not None)

    def _committed(self, held: Held, row: commits.Committed) -> None:
        self._unsaved.pop(held.id, None)
        held.committed(row)
        if not row.held:
            self._forget(held)
            self._look |= row.due
        elif row.message_seq > held.message_seq:
            self._to_read.add(held.id)

    def _refused(self, holds: list[Held]) -> None:
        """Taken over, cancelled, or the answer to an earlier commit was lost: drop what is here."""
        for held in holds:
            log.warning("%s %s was taken over: what it did here is dropped", held.flow, held.id)
            self._drop(held)
        self.counts.refused += len(holds)
        if holds:
            queue.release(ids=[held.id for held in holds], owner=self.owner)

    def _drop(self, held: Held) -> None:
        held.end()
        self._forget(held)

    def _forget(self, held: Held) -> None:
        for table in (self._holds, self._unsaved, self._hungry, self._timed):
            table.pop(held.id, None)

    # -- the end ------------------------------------------------------------------
    def _let_go(self) -> bool:
        """Hand back what is still held; whether every chunk had ended."""
        self._slots.stop()
        if self._slots.busy == 0:
            self._slots.join()
        try:
            if self._holds:
                queue.release(ids=list(self._holds), owner=self.owner)
                hints.wake_workers()
        except connection.AWAY as error:
            log.warning("Leases not handed back, they run out by themselves: %s", error)
        for held in list(self._holds.values()):
            self._drop(held)
        return self._slots.busy == 0
