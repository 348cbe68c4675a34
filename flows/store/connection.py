"""Cursors for queries that are sent again and again; connections for threads that must not wait for one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connection, connections
from django.db.backends.utils import CursorWrapper

from flows.store.patient import PATIENT_PSYCOPG, PatientConnection

ALIAS = "default"
LOCK_SECONDS = 1.0  # services hold a row for milliseconds; who waits longer does something else first
NOT_LIBPQ = ("cursor_factory", "context", "prepare_threshold", "server_side_binding", "patience")

# What comes up when the server is gone, going, or out of something that may come back.
AWAY = (OperationalError, InterfaceError)
LIMITS = "54"  # the class of what is too long or too much for PostgreSQL, then and later
STUCK = frozenset({"55P03", "57014"})  # a lock or the statement itself took too long


def prepared() -> CursorWrapper:
    """A cursor whose queries the server parses and plans once for each connection.

    The server binds the parameters: one whose type the query does not show needs a cast.
    """
    cursor = connection.cursor()
    cursor.cursor = psycopg.Cursor(connection.connection)
    return cursor


@contextmanager
def own(seconds: float | None = None) -> Iterator[None]:
    """Give this thread a default connection outside the pool, closed at the end.

    Nothing on it takes longer than `seconds` (None: as long as it takes): the server ends a statement
    before that, and when it says nothing the connection is closed and OperationalError raised.
    Without a pool the connection is the thread's own already, and whoever made it closes and bounds it.
    """
    shared = connections[ALIAS]
    if "pool" not in shared.settings_dict["OPTIONS"]:
        yield
        return
    shared.close()
    own = connections[ALIAS] = shared.copy()
    own.settings_dict["OPTIONS"].pop("pool")
    own.Database = PATIENT_PSYCOPG  # type: ignore[attr-defined]
    if seconds is not None:
        _bound(own.settings_dict["OPTIONS"], seconds)
    try:
        yield
    finally:
        own.close()
        connections[ALIAS] = shared


def is_away(error: Exception) -> bool:
    """Whether the same may work later; otherwise it is what was asked that the database does not take."""
    return isinstance(error, AWAY) and not _state(error).startswith(LIMITS)


def is_stuck(error: Exception) -> bool:
    """Whether the server is well and only something in this statement kept it waiting."""
    return _state(error) in STUCK


def close() -> None:
    """Close this thread's connection; the next query opens a new one."""
    connections[ALIAS].close()


def listening(channel: str) -> PatientConnection:
    """A connection that has sent LISTEN for `channel`; raises psycopg.Error."""
    listener = PatientConnection.connect(**parameters())
    listener.execute(f"LISTEN {channel}")
    return listener


def parameters() -> dict[str, Any]:
    """How to reach the database, as psycopg takes it. Raises OperationalError when there is no way."""
    given = connections[ALIAS].get_connection_params()
    return {name: value for name, value in given.items() if name not in NOT_LIBPQ} | {"autocommit": True}


def _bound(options: dict[str, Any], seconds: float) -> None:
    options["patience"] = seconds
    options["connect_timeout"] = max(2, min(int(options.get("connect_timeout", seconds)), int(seconds)))
    limits = {"statement_timeout": seconds * 0.9, "lock_timeout": min(seconds / 2, LOCK_SECONDS)}
    limits["idle_in_transaction_session_timeout"] = seconds
    given = options.get("options", "")
    bounds = [f"-c {name}={int(1000 * value)}" for name, value in limits.items()]
    options["options"] = " ".join([given, *bounds])


def _state(error: Exception) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""
