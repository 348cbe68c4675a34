"""Cursors for queries that are sent again and again; connections for threads that must not wait for one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connection, connections
from django.db.backends.utils import CursorWrapper

ALIAS = "default"
NOT_LIBPQ = ("cursor_factory", "context", "prepare_threshold", "pool")

# What comes up when the server is gone, going, or out of something that may come back.
AWAY = (OperationalError, InterfaceError)


def prepared() -> CursorWrapper:
    """A cursor whose queries the server parses and plans once for each connection.

    The server binds the parameters: one whose type the query does not show needs a cast.
    """
    cursor = connection.cursor()
    cursor.cursor = psycopg.Cursor(connection.connection)
    return cursor


@contextmanager
def own() -> Iterator[None]:
    """Give this thread a default connection outside the pool, closed at the end.

    Without a pool the connection is the thread's own already, and whoever made it closes it.
    """
    shared = connections[ALIAS]
    if "pool" not in shared.settings_dict["OPTIONS"]:
        yield
        return
    shared.close()
    own = connections[ALIAS] = shared.copy()
    own.settings_dict["OPTIONS"].pop("pool")
    try:
        yield
    finally:
        own.close()
        connections[ALIAS] = shared


def close() -> None:
    """Close this thread's connection; the next query opens a new one."""
    connections[ALIAS].close()


def listening(channel: str) -> psycopg.Connection[Any]:
    """A connection that has sent LISTEN for `channel`; raises psycopg.OperationalError."""
    parameters = connections[ALIAS].get_connection_params()
    for name in NOT_LIBPQ:
        parameters.pop(name, None)
    listener = psycopg.connect(**parameters, autocommit=True)
    listener.execute(f"LISTEN {channel}")
    return listener
