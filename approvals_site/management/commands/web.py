"""manage.py web: the web server alone.

It ends by os._exit: when Daphne's event loop has stopped, a request thread that still
waits for it never returns, and the interpreter's own exit joins that thread for ever.
"""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections

from approvals_site.listening import add_address_arguments, listen_or_exit
from approvals_site.pg_embedded import base as pg_embedded

SOCKET_SECONDS = 60  # in which a socket is let in when many come at once; who is refused comes again
CLOSE_SECONDS = 2  # what a request gets to finish in when the server is told to stop


class Command(BaseCommand):
    help = "Run the web server, without a worker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_address_arguments(parser)
        listener_help = "number of a listening socket that `serve` handed down"
        parser.add_argument("--listener", type=int, help=listener_help)

    def handle(self, *, bind: str, port: int, listener: int | None, **options: Any) -> None:
        serve(listen_or_exit(bind, port).detach() if listener is None else listener)
        connections.close_all()
        pg_embedded.release()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def serve(listener: int) -> None:
    """Answer requests on that socket until SIGTERM or SIGINT."""
    from daphne.server import Server  # installs an event loop, which no other command wants

    from approvals_site.asgi import application

    Server(
        application,
        endpoints=[f"fd:fileno={listener}"],
        application_close_timeout=CLOSE_SECONDS,
        websocket_connect_timeout=SOCKET_SECONDS,
        # Without a proxy in front, anybody could write what they like into the header.
        proxy_forwarded_address_header="X-Forwarded-For" if settings.HTTPS else None,
        server_name="",
        verbosity=0,
    ).run()
