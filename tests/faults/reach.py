"""Reaching a database by another way than the test's own connection: through a proxy, or another server."""

import http.client
import json
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from django.test import Client

from approvals_site import database
from approvals_site.environment import Environment
from flows.store.patient import PATIENT_PSYCOPG
from tests.faults.proxy import Mode

# To a client these two look alike, so that one of them is enough for every day.
SILENT = [Mode.HALF_OPEN, pytest.param(Mode.BLACK_HOLE, marks=pytest.mark.slow)]
SETTINGS = "tests.faults.settings"
TOKEN = "t" * 32
HTMX = {"HX-Request": "true"}


def socket_of_the_test_database() -> str:
    return f"{connections['default'].get_connection_params()['host']}/.s.PGSQL.5432"


def url_through(port: int) -> str:
    """The test database, by TCP on this port."""
    return f"postgresql://postgres@127.0.0.1:{port}/{connections['default'].settings_dict['NAME']}"


def url_in(folder: str) -> str:
    """The server whose socket lies in this folder."""
    return f"postgresql:///approvals?host={quote(folder, safe='')}&user=postgres"


def environment(url: str, **extra: str) -> dict[str, str]:
    """For a process that shall use the database at `url`."""
    return {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": SETTINGS} | extra


@contextmanager
def by(url: str):
    """This thread's default connection goes to `url`, with the timeouts of the pages and no pool."""
    described = database.describe(Environment({"DATABASE_URL": url}), directory=None)
    database.for_pages(described)
    described["OPTIONS"].pop("pool")
    before = connections["default"]
    wrapper = DatabaseWrapper(before.settings_dict | described, "default")
    wrapper.Database = PATIENT_PSYCOPG
    connections["default"] = wrapper
    try:
        yield wrapper
    finally:
        wrapper.close()
        connections["default"] = before


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


class Person:
    """Somebody with a browser that is no more than its cookies; signed in when `user` is given."""

    def __init__(self, site_url: str, user: User | None = None) -> None:
        self._host = urlsplit(site_url).netloc
        self._cookie = f"csrftoken={TOKEN}"
        if user is not None:
            client = Client()
            client.force_login(user)
            self._cookie += f"; sessionid={client.cookies['sessionid'].value}"

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        body = urlencode({"csrfmiddlewaretoken": TOKEN} | fields)
        return self._ask("POST", path, body, headers | {"Content-Type": "application/x-www-form-urlencoded"})

    def socket_headers(self) -> dict[str, str]:
        return {"Cookie": self._cookie, "Origin": f"http://{self._host}"}

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        line = http.client.HTTPConnection(self._host, timeout=30)
        try:
            line.request(method, path, body, headers | {"Cookie": self._cookie})
            got = line.getresponse()
            return Answer(got.status, dict(got.headers), got.read().decode())
        finally:
            line.close()


class Socket:
    """The live socket of a page, as far as a test needs it: it only listens."""

    def __init__(self, site_url: str, person: Person, *, seconds: float) -> None:
        host = urlsplit(site_url)
        self._line = socket.create_connection((host.hostname, host.port), timeout=seconds)
        self._read = self._line.makefile("rb")
        headers = person.socket_headers() | {
            "Host": host.netloc, "Upgrade": "websocket", "Connection": "Upgrade",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
        }  # fmt: skip
        lines = ["GET /live/ HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        self._line.sendall("\r\n".join(lines).encode())
        self.status = int(self._read.readline().split()[1])
        while self._read.readline().strip():
            pass

    def hear(self) -> dict:
        """The next message; {} when the server closes. Raises TimeoutError."""
        opcode, length = self._read.read(2) or (8, 0)
        if length == 126:
            length = int.from_bytes(self._read.read(2), "big")
        body = self._read.read(length)
        return json.loads(body) if opcode & 15 == 1 else {}

    def close(self) -> None:
        self._read.close()
        self._line.close()
