"""Removing executions that have ended long ago, with everything that belongs to them."""

from collections.abc import Iterator
from uuid import UUID

from django.db import connection, transaction

# What ended before so many seconds ago and is at rest, oldest first. Index execution_finished.
OLD = """
FROM flows_execution
WHERE finished_at < now() - %(seconds)s * interval '1 second' AND status IN ('completed', 'cancelled')
    AND wake_at IS NULL AND lease_owner IS NULL AND (%(flow)s::text IS NULL OR flow = %(flow)s)
"""

# Skips what somebody else holds at this moment, so that it neither waits nor deadlocks.
LOCK = f"SELECT id {OLD} ORDER BY finished_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED"

COUNT = f"SELECT flow, count(*) {OLD} GROUP BY flow ORDER BY flow"

# The execution goes first: events are let go only after it, and foreign keys look at the commit.
# By primary key, and by the indexes on execution_id.
DRAFTS = (
    "DELETE FROM flows_draft d USING flows_interrupt q "
    "WHERE q.id = d.interrupt_id AND q.execution_id = ANY(%s::uuid[])"
)
DELETE = (
    "DELETE FROM flows_execution WHERE id = ANY(%s::uuid[])",
    "DELETE FROM flows_message WHERE execution_id = ANY(%s::uuid[])",
    "DELETE FROM flows_remoterun WHERE execution_id = ANY(%s::uuid[])",
    "DELETE FROM flows_event WHERE execution_id = ANY(%s::uuid[])",
    DRAFTS,
    """DELETE FROM flows_snooze s USING flows_interrupt q
    WHERE s.interrupt_id = q.id AND q.execution_id = ANY(%s::uuid[])""",
    "DELETE FROM flows_vote WHERE execution_id = ANY(%s::uuid[])",
    "DELETE FROM flows_response WHERE execution_id = ANY(%s::uuid[])",
    "DELETE FROM flows_interrupt WHERE execution_id = ANY(%s::uuid[])",
)


def count(*, seconds: float, flow: str | None = None) -> dict[str, int]:
    """How many executions of each flow ended more than `seconds` ago."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"seconds": seconds, "flow": flow})
        return dict(cursor.fetchall())


def batches(*, seconds: float, flow: str | None = None, limit: int) -> Iterator[list[UUID]]:
    """Remove them, at most `limit` in each transaction; the ids of each batch once it is gone."""
    while ids := _remove(seconds, flow, limit):
        yield ids


@transaction.atomic(durable=True)
def _remove(seconds: float, flow: str | None, limit: int) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(LOCK, {"seconds": seconds, "flow": flow, "limit": limit})
        ids = [row[0] for row in cursor.fetchall()]
        for statement in DELETE if ids else ():
            cursor.execute(statement, [ids])
        return ids
