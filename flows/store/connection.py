"""Connections of their own for threads that must never wait for a free one in the pool."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connections

ALIAS = "default"
NOT_LIBPQ = ("cursor_factory", "context", "prepare_threshold", "pool")

# What comes up when the server is gone, going, or out of something that may come back.
AWAY = (OperationalError, InterfaceError)


@contextmanager
def own() -> Iterator[None]:
    """Give this thread a default connection outside the pool; it is closed at the end."""
    shared = connections[ALIAS]
    if "pool" in shared.settings_dict["OPTIONS"]:
        shared.close()
        connections[ALIAS] = shared.copy()
        connections[ALIAS].settings_dict["OPTIONS"].pop("pool")
    try:
        yield
    finally:
        connections[ALIAS].close()
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
