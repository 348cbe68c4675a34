"""Long looks at the whole database that change nothing and need the memory of a few rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, transaction

BATCH = 500

# All events in the order of their chains, of one execution or of all. Index event_of_execution.
EVENTS = """
SELECT id, execution_id, interrupt_id, kind, actor_id, door, address, detail::text,
    (extract(epoch FROM created_at) * 1000000)::bigint, hash
FROM flows_event WHERE %(execution)s::uuid IS NULL OR execution_id = %(execution)s
ORDER BY execution_id, id
"""

# Everything that has not ended, with what it would be loaded from. One pass over the table.
OPEN = """
SELECT id, flow, status, snapshot, input, error->>'type', status = 'failed' AND error->>'step' IS NULL
FROM flows_execution WHERE status NOT IN ('completed', 'cancelled')
"""

# What the rows around an open execution say of it, beside its snapshot: whether it is due at some time, the
# keys of open interrupts, the keys of those whose end is on its way in a message, whether a retry is, the ids
# of open runs, and of those whose outcome is. By indexes on execution_id.
AROUND = """
SELECT e.id, e.status, e.snapshot, e.wake_at IS NOT NULL,
    ARRAY(SELECT q.key FROM flows_interrupt q
        WHERE q.execution_id = e.id AND q.status IN ('waiting', 'suspended')),
    ARRAY(SELECT m.body->>'key' FROM flows_message m
            WHERE m.execution_id = e.id AND m.kind IN ('answer', 'expire')
        UNION ALL SELECT json_array_elements_text(m.body->'resolves') FROM flows_message m
            WHERE m.execution_id = e.id AND m.kind = 'emit'),
    EXISTS (SELECT 1 FROM flows_message m WHERE m.execution_id = e.id AND m.kind = 'retry'),
    ARRAY(SELECT r.id::text FROM flows_remoterun r
        WHERE r.execution_id = e.id AND r.status IN ('queued', 'running')),
    ARRAY(SELECT m.body->>'run' FROM flows_message m WHERE m.execution_id = e.id AND m.kind = 'outcome')
FROM flows_execution e WHERE e.status NOT IN ('completed', 'cancelled')
"""

# The schemas that open interrupts carry. Index interrupt_key_waits_once.
OPEN_SCHEMAS = """
SELECT id, flow, step, response_schema FROM flows_interrupt
WHERE status IN ('waiting', 'suspended') AND response_schema IS NOT NULL
"""


@contextmanager
def frozen() -> Iterator[None]:
    """One moment of the database for all that is read inside, however long it takes; nothing can write.

    Raises RuntimeError inside another transaction.
    """
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield


def rows(query: str, parameters: dict[str, Any] | None = None) -> Iterator[tuple[Any, ...]]:
    """What `query` finds, fetched in batches of 500; only inside `frozen`."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, parameters)
        while batch := cursor.fetchmany(BATCH):
            yield from batch


def events(execution_id: UUID | None = None) -> Iterator[tuple[Any, ...]]:
    """Events by execution and id: (id, execution, interrupt, kind, actor, door, address, detail as text,
    microseconds since 1970, hash)."""
    return rows(EVENTS, {"execution": execution_id})
