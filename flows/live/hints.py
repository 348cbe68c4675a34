"""Hints that something changed: ids only, sent after the commit, lost without harm.

Web processes listen to LIVE and tell browsers to look again; workers listen to WORK and look
for work. Both also look by themselves, so a hint saves time and nothing else depends on it.
"""

import json
import logging
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db import connection, transaction

LIVE = "flows_live"
WORK = "flows_work"
MAX_BYTES = 7_900  # PostgreSQL takes less than 8,000
EVERYTHING = "*"  # the topic that concerns everybody
LISTS = "executions"

# Notifying flushes nothing to disk: a hint need not outlive the server (set_config is for this statement).
NOTIFY = """
SELECT set_config('synchronous_commit', 'off', true), pg_notify(channel, payload)
FROM unnest(%s::text[], %s::text[]) AS n(channel, payload)
"""

log = logging.getLogger(__name__)


def topics_of(execution_id: UUID, audiences: Iterable[Iterable[str]] = ()) -> set[str]:
    """What a change of this execution concerns; `audiences` are those of its opened and closed interrupts."""
    inboxes = {f"inbox:{token}" for audience in audiences for token in audience}
    return {f"execution:{execution_id}", LISTS} | inboxes


def send(topics: set[str]) -> None:
    """Tell browsers that these topics changed. Never inside the transaction that changes them."""
    _notify([(LIVE, payload) for payload in payloads(topics)])


def wake_workers() -> None:
    """Tell workers that there is work. Never inside the transaction that makes it."""
    _notify([(WORK, "")])


def after_commit(topics: set[str], *, work: bool = False) -> None:
    """Send both kinds once the transaction at hand is committed; a failure is logged and ends there."""
    pairs = [(LIVE, payload) for payload in payloads(topics)] + ([(WORK, "")] if work else [])
    transaction.on_commit(lambda: _notify(pairs), robust=True)


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


def _notify(pairs: list[tuple[str, str]]) -> None:
    if not pairs:
        return
    with connection.cursor() as cursor:
        cursor.execute(NOTIFY, [[channel for channel, _ in pairs], [payload for _, payload in pairs]])
