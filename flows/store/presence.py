"""Who looks at what: the rows of many sockets in one statement."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

Place = tuple[UUID, UUID, int]  # the key of a socket, the interrupt, the user

# By primary key.
WRITE = """
INSERT INTO flows_presence (key, interrupt_id, user_id, until)
SELECT *, now() + %s * interval '1 second' FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[])
ON CONFLICT (key) DO UPDATE SET interrupt_id = excluded.interrupt_id, user_id = excluded.user_id,
    until = excluded.until
"""

# Those that have left, and what processes that died have left behind. The table is small and read whole.
CLEAR = """
DELETE FROM flows_presence WHERE key IN (
    SELECT key FROM flows_presence WHERE key = ANY(%s::uuid[]) OR until < now() FOR UPDATE SKIP LOCKED)
"""


def write(places: Iterable[Place], gone: Iterable[UUID], *, seconds: float) -> None:
    """These are there for so many seconds, those are not any more; at most two statements."""
    with connection.cursor() as cursor:
        columns = [list(column) for column in zip(*places, strict=True)]
        if columns:
            cursor.execute(WRITE, [seconds, *columns])
        cursor.execute(CLEAR, [list(gone)])
