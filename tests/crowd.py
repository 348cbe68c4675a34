"""Many open inboxes without browsers: each has its socket, and fetches its rows as `look.js` does."""

import asyncio
import base64
import json
import os
import random
import re
from collections.abc import Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from flows.web.consumers import SIGNED_OUT

ROW = re.compile(r'<li id="row-([0-9a-f-]{36})"')
JITTER_SECONDS = 0.12
FETCH_SECONDS = 120  # on a busy machine


class Inbox:
    """The page of one person, signed in by `cookie`. `rows` are the ids that it shows, None before the first
    look; `seen` all that it ever showed; `fetched` how often it looked."""

    def __init__(self, site_url: str, cookie: str) -> None:
        self._host, self._cookie = urlsplit(site_url), cookie
        self.rows: set[str] | None = None
        self.seen: set[str] = set()
        self.fetched = self.pushed = 0
        self._changed = asyncio.Event()

    async def live(self, after: float = 0.0) -> None:
        """From so many seconds on until it is cancelled; comes back when its socket is closed."""
        await asyncio.sleep(after)
        looking = asyncio.create_task(self._look_again())
        try:
            while True:
                try:
                    await self._hear()
                except (OSError, asyncio.IncompleteReadError):
                    pass
                await asyncio.sleep(random.random())
        finally:
            looking.cancel()

    async def _hear(self) -> None:
        async with self._line() as (reader, writer):
            key = base64.b64encode(os.urandom(16)).decode()
            self._ask(writer, "/live/", Upgrade="websocket", Connection="Upgrade",
                      **{"Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13"})  # fmt: skip
            await reader.readuntil(b"\r\n\r\n")
            self._changed.set()
            while (text := await _message(reader)) is not None:
                if "inbox" in json.loads(text)["changed"]:
                    self.pushed += 1
                    self._changed.set()

    async def _look_again(self) -> None:
        while True:
            await self._changed.wait()
            await asyncio.sleep(random.random() * JITTER_SECONDS)
            self._changed.clear()
            try:
                async with asyncio.timeout(FETCH_SECONDS):
                    self.rows = await self._fetch()
            except (OSError, asyncio.IncompleteReadError):
                self._changed.set()
                continue
            self.fetched += 1
            self.seen |= self.rows

    async def _fetch(self) -> set[str]:
        async with self._line() as (reader, writer):
            self._ask(writer, "/inbox/", Connection="close", **{"HX-Request": "true", "HX-Target": "rows"})
            answer = (await reader.read()).decode()
        if not answer.startswith("HTTP/1.1 200"):
            raise OSError(answer[:60])
        return set(ROW.findall(answer))

    def _ask(self, writer: asyncio.StreamWriter, path: str, **headers: str) -> None:
        origin = f"http://{self._host.netloc}"
        all_headers = {"Host": self._host.netloc, "Origin": origin, "Cookie": self._cookie} | headers
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in all_headers.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode())

    @asynccontextmanager
    async def _line(self):
        reader, writer = await asyncio.open_connection(self._host.hostname, self._host.port)
        try:
            yield reader, writer
        finally:
            writer.close()


async def _message(reader: asyncio.StreamReader) -> str | None:
    """The next text; None when the server closes."""
    while True:
        opcode, length = await reader.readexactly(2)
        if length == 126:
            length = int.from_bytes(await reader.readexactly(2))
        body = await reader.readexactly(length)
        if opcode & 15 == 8:
            assert int.from_bytes(body[:2]) != SIGNED_OUT
            return None
        if opcode & 15 == 1:
            return body.decode()


@asynccontextmanager
async def open_inboxes(inboxes: list[Inbox]):
    """All of them live meanwhile. They come one after the other, 25 a second."""
    spread = len(inboxes) / 25
    tasks = [asyncio.create_task(inbox.live(random.random() * spread)) for inbox in inboxes]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until_all(holds: Callable[[], object], *, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for is mostly in other processes
            await asyncio.sleep(0.02)
