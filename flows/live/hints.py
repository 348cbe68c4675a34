"""Hints that something changed: ids only, sent after the commit, lost without harm.

Web processes listen to LIVE and tell browsers to look again; workers listen to WORK and look
for work. Both also look by themselves, so a hint saves time and nothing else depends on it.
"""

import json
import logging
import threading
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import connection, transaction

LIVE = "flows_live"
WORK = "flows_work"
MAX_BYTES = 7_900  # PostgreSQL takes less than 8,000
MOST_ROUNDS = 50  # that one thread sends for others
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
    """Hints on their way out of this process: a thread that finds another one sending leaves its own to it.

    So what many threads have to say at once takes few notifications, and nobody waits for more to say.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._topics: set[str] = set()
        self._work = self._is_sending = False

    def send(self, topics: set[str], *, work: bool) -> None:
        """Say that `topics` changed, and with `work` that there is work; raises what the database does."""
        with self._lock:
            self._topics |= topics
            self._work |= work
            if self._is_sending:
                return
            self._is_sending = True
        try:
            for _ in range(MOST_ROUNDS):
                if not (pairs := self._take()):
                    return
                _notify(pairs)
            self._leave()
        except BaseException:
            self._leave()
            raise

    def _take(self) -> list[tuple[str, str]]:
        """All there is to say, as (channel, payload); with nothing left the next thread sends for itself."""
        with self._lock:
            pairs = [(LIVE, payload) for payload in payloads(self._topics)]
            pairs += [(WORK, "")] * self._work
            self._topics, self._work = set(), False
            self._is_sending = bool(pairs)
            return pairs

    def _leave(self) -> None:
        with self._lock:
            self._is_sending = False


_outbox = Outbox()


def _notify(pairs: list[tuple[str, str]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(NOTIFY, [json.dumps(pairs)])
