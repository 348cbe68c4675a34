"""django.db.backends.postgresql, whose server is started on the first connection."""

from typing import Any

from django.db import OperationalError
from django.db.backends.postgresql import base

from approvals_site.pg_embedded.errors import EmbeddedPostgresError
from approvals_site.pg_embedded.server import FAST_AND_UNSAFE, EmbeddedPostgres

_servers: dict[str, EmbeddedPostgres] = {}


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        try:
            return super().get_connection_params() | server_for(self.settings_dict).ensure()
        except EmbeddedPostgresError as error:
            raise OperationalError(str(error)) from error


def server_for(database: dict[str, Any]) -> EmbeddedPostgres:
    """The server of this process for that entry of `DATABASES`; not started by this."""
    directory = database["EMBEDDED_DIR"]
    if directory not in _servers:
        settings = FAST_AND_UNSAFE if database["EMBEDDED_UNSAFE"] else {}
        _servers[directory] = EmbeddedPostgres(directory, dbname="approvals", settings=settings)
    return _servers[directory]


def release() -> None:
    """Let go of every server this process uses; the last process to do so stops it."""
    for server in _servers.values():
        server.release()
