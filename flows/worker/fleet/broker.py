"""The author's Celery app, as far as runs are sent with it. Celery is imported by nobody but its users."""

import importlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flows import conf

TASK = "flows.run_chunk"
SECONDS = 5.0  # to reach the broker, and for each of its answers


class NoFleet(Exception):
    """FLOWS_CELERY_APP is not set, or does not name a Celery app; the message says which and why."""


def app() -> Any:
    """The Celery app that FLOWS_CELERY_APP names; raises NoFleet."""
    path = conf.celery_app()
    module, _, name = path.partition(":")
    if not (module and name):
        raise NoFleet(f"FLOWS_CELERY_APP is {path!r}, and not the place of a Celery app.")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise NoFleet(f"FLOWS_CELERY_APP is {path!r}, which cannot be imported: {error}.") from error
    if not callable(getattr(found, "send_task", None)):
        raise NoFleet(f"FLOWS_CELERY_APP is {path!r}, which is no Celery app but {found!r}.")
    return found


def send(app: Any, ids: Iterable[UUID]) -> None:
    """Send these runs, over one connection; raises whatever the broker's library raises."""
    with _connection(app) as connection:
        for id in ids:
            app.send_task(TASK, args=[str(id)], connection=connection, retry=False, ignore_result=True)


def _connection(app: Any) -> Any:
    """A connection whose waits are bounded; Redis has options of its own for that."""
    connection = app.connection_for_write(connect_timeout=SECONDS)
    if connection.get_transport_cls().driver_type == "redis":
        for name in ("socket_timeout", "socket_connect_timeout"):
            connection.transport_options.setdefault(name, SECONDS)
    return connection
