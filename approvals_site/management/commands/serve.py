"""manage.py serve: everything on one machine, in one command."""

import http.client
import socket
import time
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper

from approvals_site.listening import add_address_arguments, listen_or_exit, web_address
from approvals_site.pg_embedded.base import server_for
from approvals_site.pg_embedded.errors import EmbeddedPostgresError
from approvals_site.pg_embedded.server import EmbeddedPostgres
from approvals_site.supervisor import Child, Supervisor

FIRST_STEPS = """
What to do next
    1. Sign in as rita and start the flow "refund":   {address}/flows/
    2. In a second browser, sign in as fiona:         {address}/inbox/
       The question appears there by itself. Answer it, and watch rita's page go on.
"""


class Command(BaseCommand):
    help = "Run the web server and a worker, with the database they need."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_address_arguments(parser)
        chunks = settings.FLOWS_CONCURRENCY
        chunks_help = "chunks that the worker runs at once (%(default)s)"
        parser.add_argument("--concurrency", type=int, default=chunks, help=chunks_help)

    def handle(self, *, bind: str, port: int, concurrency: int, **options: Any) -> None:
        listener = listen_or_exit(bind, port)
        care = Care(self._say, bind, port)
        grace = settings.FLOWS_GRACE_SECONDS + 5
        supervisor = Supervisor(_children(listener, concurrency), self._say, care, grace_seconds=grace)
        supervisor.stop_on_signals()
        care.is_new = self._prepare_database(care)
        supervisor.run()
        self._say("Stopped.")

    def _prepare_database(self, care: "Care") -> bool:
        """Everything the children need to be there; True on the very first run."""
        try:
            care.hold_server()
            call_command("migrate", interactive=False, verbosity=0)
            return self._add_demo_people()
        except (EmbeddedPostgresError, DatabaseError) as error:
            raise CommandError(f"The database cannot be used: {error}") from error
        finally:
            _disconnect()

    def _add_demo_people(self) -> bool:
        if not settings.DEMO_PEOPLE or User.objects.exists():
            return False
        call_command("demo_people", stdout=self.stdout)
        return True

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


@dataclass
class Care:
    """What the supervisor does beside its children: keep the database up, say when the site is."""

    say: Callable[[str], None]
    bind: str
    port: int
    is_new: bool = False
    server: EmbeddedPostgres | None = None
    announced: bool = False
    quiet_until: float = field(default_factory=time.monotonic)

    def __call__(self) -> None:
        self._keep_server_up()
        if not self.announced and _answers(self.bind, self.port):
            self.announced = True
            self._announce()

    def hold_server(self) -> None:
        """Use the embedded server, if that is the one, for as long as we live."""
        if connection.settings_dict["ENGINE"] == "approvals_site.pg_embedded":
            self.server = server_for(connection.settings_dict)
            self.server.ensure()

    def _keep_server_up(self) -> None:
        if not self.server or time.monotonic() < self.quiet_until:
            return
        try:
            if self.server.revive():
                self.say("PostgreSQL was gone and is started again")
        except EmbeddedPostgresError as error:
            self.say(f"PostgreSQL does not start, trying again in 5 seconds: {error}")
            self.quiet_until = time.monotonic() + 5

    def _announce(self) -> None:
        address = settings.BASE_URL.geturl() if settings.HTTPS else web_address(self.bind, self.port)
        self.say(f"\nApprovals is running at {address}/ (Ctrl-C stops it)")
        if self.is_new:
            self.say(FIRST_STEPS.format(address=address))


def _disconnect() -> None:
    """Nothing in here needs the database any more, and a pool would look for a lost server."""
    wrapper = connections["default"]
    wrapper.close()
    if isinstance(wrapper, DatabaseWrapper):
        wrapper.close_pool()


def _children(listener: socket.socket, concurrency: int) -> list[Child]:
    manage = str(settings.BASE_DIR / "manage.py")
    number, port = listener.fileno(), listener.getsockname()[1]
    env = {"PORT": str(port)}  # part of the site's own address
    return [
        Child("web", [manage, "web", "--listener", str(number)], keep=(number,), env=env),
        Child("worker", [manage, "flows_worker", "--concurrency", str(concurrency)], env=env),
    ]


def _answers(bind: str, port: int) -> bool:
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(bind, bind)  # noqa: S104 - compared
    asked = http.client.HTTPConnection(host.strip("[]"), port, timeout=0.5)
    try:
        asked.request("GET", "/healthz", headers={"Host": "localhost"})
        return asked.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()
