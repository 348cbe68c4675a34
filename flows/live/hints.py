"""Hints that something changed: ids only, sent after the commit, lost without harm.

Web processes listen to LIVE and tell browsers to look again; workers listen to WORK and look
for work. Both also look by themselves, so a hint saves time and nothing else depends on it.
"""

import atexit
import json
import logging
import os
import threading
import time
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import connection, transaction

LIVE = "flows_live"
WORK = "flows_work"
MAX_BYTES = 7_900  # PostgreSQL takes less than 8,000
GAP_SECONDS = 0.01  # at least, between two notifications of a process
LINGER_SECONDS = 1.0  # for which the thread that sends waits for more
EXIT_SECONDS = 1.0  # at most, that the end of the process waits for what is still to be said
EVERYTHING = "*"  # the topic that concerns everybody
LISTS = "executions"

# Notifying flushes nothing to disk: a hint need not outlive the server (set_config is for this statement).
NOTIFY = """
SELECT set_config('synchronous_commit', 'off', true), pg_notify(said ->> 0, said ->> 1)
FROM json_array_elements(%s::json) AS said
"""

log = logging.getLogger(__name__)


def topics_of(execution_id: UUID, audiences: Iterable[Iterable[str]] = ()) -> set[str]:
    """What a change of this execution concerns; `audiences` are those of its opened and closed interrupts."""
    inboxes = {f"inbox:{token}" for audience in audiences for token in audience}
    return {f"execution:{execution_id}", LISTS} | inboxes


def send(topics: set[str]) -> None:
    """Tell browsers that these topics changed. Never inside the transaction that changes them."""
    _outbox.send(topics, work=False)


def wake_workers() -> None:
    """Tell workers that there is work. Never inside the transaction that makes it."""
    _outbox.send(set(), work=True)


def after_commit(topics: set[str], *, work: bool = False) -> None:
    """Send both kinds once the transaction at hand is committed; a failure is logged and ends there."""
    transaction.on_commit(lambda: _outbox.send(topics, work=work), robust=True)


def flush(seconds: float = EXIT_SECONDS) -> bool:
    """Wait until what this process has said is on its way, at most so long; whether it is."""
    return _outbox.flush(seconds)


def payloads(topics: set[str]) -> Iterator[str]:
    """`topics` as JSON lists that each fit into one notification, or the list of everything."""
    text = json.dumps(sorted(topics), separators=(",", ":"))
    if not topics:
        return
    if len(text) <= MAX_BYTES:
        yield text
    elif len(topics) == 1 or len(text) > 4 * MAX_BYTES:
        yield json.dumps([EVERYTHING])
    else:
        ordered = sorted(topics)
        yield from payloads(set(ordered[::2]))
        yield from payloads(set(ordered[1::2]))


class Outbox:
    """Hints on their way out of this process: the first goes out in the caller's thread, at once.

    What is said within GAP_SECONDS after it, or while it is on its way, goes out together, by a thread
    that ends when nothing more is said. So what a busy process has to say takes few notifications, and
    nobody waits for others.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._topics: set[str] = set()
        self._work = self._is_sending = self._is_talking = False
        self._next_at = 0.0

    def send(self, topics: set[str], *, work: bool) -> None:
        """Say that `topics` changed, and with `work` that there is work; raises what the database does."""
        with self._changed:
            self._topics |= topics
            self._work |= work
            if self._is_sending or not self._has_something:
                self._changed.notify_all()
                return
            self._is_sending = True
            is_first = time.monotonic() >= self._next_at
        try:
            if is_first:
                self._say(self._take())
        finally:
            self._go_on()

    def flush(self, seconds: float) -> bool:
        """Wait until everything is said, at most so long; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._is_busy, seconds)

    @property
    def _is_busy(self) -> bool:
        return self._is_sending and (self._is_talking or self._has_something)

    @property
    def _has_something(self) -> bool:
        return bool(self._topics or self._work)

    def _go_on(self) -> None:
        """Leave the rest to a thread, if there is any."""
        with self._changed:
            self._is_sending = self._has_something
            if self._is_sending:
                threading.Thread(target=self._send_rest, name="hints", daemon=True).start()

    def _send_rest(self) -> None:
        try:
            while pairs := self._wait():
                try:
                    self._say(pairs)
                except Exception as error:  # this thread must not end while somebody counts on it
                    log.warning("A hint was lost, others will look by themselves: %s", error)
                    connection.close()
        finally:
            connection.close()

    def _wait(self) -> list[tuple[str, str]]:
        """What there is to say once the gap is over; nothing when nobody has said more for a while."""
        time.sleep(max(0.0, self._next_at - time.monotonic()))
        with self._changed:
            self._is_sending = self._changed.wait_for(lambda: self._has_something, LINGER_SECONDS)
            return self._take() if self._is_sending else []

    def _say(self, pairs: list[tuple[str, str]]) -> None:
        try:
            _notify(pairs)
        finally:
            self._next_at = time.monotonic() + GAP_SECONDS
            with self._changed:
                self._is_talking = False
                self._changed.notify_all()

    def _take(self) -> list[tuple[str, str]]:
        """All there is to say, as (channel, payload)."""
        with self._changed:
            pairs = [(LIVE, payload) for payload in payloads(self._topics)]
            pairs += [(WORK, "")] * self._work
            self._topics, self._work, self._is_talking = set(), False, True
            return pairs


def _begin_anew() -> None:
    """After a fork the thread has stayed with the parent, and so has what it was to say."""
    global _outbox
    _outbox = Outbox()


_outbox = Outbox()
atexit.register(flush)
os.register_at_fork(after_in_child=_begin_anew)


def _notify(pairs: list[tuple[str, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(NOTIFY, [json.dumps(pairs)])
