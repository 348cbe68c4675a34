"""PostgreSQL's clock, standing still until a test moves it: its now() reads a table."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection, connections, transaction
from django.db.models import Q
from django.db.models.functions import Now

from flows.models import Interrupt

# `random` too, so that which of two is taken first can be played again.
MAKE = """
CREATE SCHEMA moved;
CREATE TABLE moved.clock AS SELECT pg_catalog.now() AS at;
CREATE FUNCTION moved.now() RETURNS timestamptz STABLE LANGUAGE sql AS 'SELECT at FROM moved.clock';
CREATE FUNCTION moved.clock_timestamp() RETURNS timestamptz STABLE LANGUAGE sql AS 'SELECT moved.now()';
CREATE FUNCTION moved.statement_timestamp() RETURNS timestamptz STABLE LANGUAGE sql AS 'SELECT moved.now()';
CREATE FUNCTION moved.random() RETURNS float8 STABLE LANGUAGE sql AS 'SELECT 0.5::float8';
"""

SLEPT_PAST = """
SELECT e.id, e.status, e.wake_at, m.kind FROM flows_execution e
JOIN flows_message m ON m.execution_id = e.id AND m.kind <> 'early'
WHERE e.status <> 'failed'
    AND (e.wake_at IS NULL OR e.wake_at > greatest(coalesce(m.due_at, now()), now()) + interval '1 minute')
UNION ALL
SELECT e.id, e.status, e.wake_at, q.status FROM flows_execution e
JOIN flows_interrupt q ON q.execution_id = e.id AND q.status = 'waiting' AND q.expires_at IS NOT NULL
WHERE e.wake_at IS NULL OR e.wake_at > greatest(q.expires_at, now()) + interval '1 minute'
"""  # a worker that was told to be patient may look a little later


@contextmanager
def frozen() -> Iterator[None]:
    """Connections opened within, in any thread, know no other clock."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    _execute(MAKE)
    _execute(f"ALTER DATABASE {name} SET search_path = moved, pg_catalog, public")
    connections.close_all()
    try:
        yield
    finally:
        _execute(f"ALTER DATABASE {name} RESET search_path")
        connections.close_all()
        _execute("DROP SCHEMA moved CASCADE")


def advance(seconds: int) -> None:
    """Let it be so much later, for everybody."""
    _execute(f"UPDATE moved.clock SET at = at + interval '{seconds} seconds'")


def is_open(interrupt: Interrupt) -> bool:
    """Whether it waits for an answer, and its time is not over."""
    rows = Interrupt.objects.filter(pk=interrupt.pk, status="waiting")
    return rows.filter(Q(expires_at=None) | Q(expires_at__gt=Now())).exists()


def slept_past() -> list[tuple[Any, ...]]:
    """Executions that no worker looks at although they have something to read, or a time at which to look."""
    with connection.cursor() as cursor:
        cursor.execute(SLEPT_PAST)
        return cursor.fetchall()


def empty() -> None:
    """Forget all executions."""
    names = ", ".join(model._meta.db_table for model in apps.get_app_config("flows").get_models())
    with transaction.atomic():
        _execute("SET LOCAL session_replication_role = replica")
        _execute(f"TRUNCATE {names}")


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
