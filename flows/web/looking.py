"""Where the pages of this web process are: written together, and for each page rarely."""

import asyncio
import logging
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from channels.db import database_sync_to_async
from django.db import Error

from flows.services import presence

TICK_SECONDS = 0.5
GAP_SECONDS = 15.0  # at least, between two writes for the same page
RENEW_SECONDS = 20.0  # where nothing has changed

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """What the database was told of a page, and when; `interrupt` None: that it has left."""

    interrupt: UUID | None
    at: float

    def is_due(self, wanted: UUID | None, now: float) -> bool:
        age = now - self.at
        return age >= (RENEW_SECONDS if wanted == self.interrupt else GAP_SECONDS)


class Watch:
    """Lives on one event loop, and writes as long as there is a page to write of."""

    def __init__(self) -> None:
        self._users: dict[UUID, int] = {}
        self._wanted: dict[UUID, UUID | None] = {}
        self._written: dict[UUID, Written] = {}
        self._task: asyncio.Task[None] | None = None

    def look(self, page: UUID, user_id: int, interrupt: UUID | None) -> None:
        """The page shows this interrupt now, or none."""
        if interrupt is None and page not in self._wanted:
            return
        self._users[page], self._wanted[page] = user_id, interrupt
        if self._task is None or self._task.done() or self._task.get_loop() is not asyncio.get_running_loop():
            self._task = asyncio.get_running_loop().create_task(self._write_on())

    def leave(self, page: UUID) -> None:
        """The page is gone."""
        if page in self._wanted:
            self._wanted[page] = None

    async def _write_on(self) -> None:
        while self._wanted:
            try:
                await self._write()
            except (Error, OSError) as error:
                log.warning("Nobody is told who looks at what: %s", str(error).splitlines()[:1])
            await asyncio.sleep(TICK_SECONDS)

    async def _write(self) -> None:
        now = monotonic()
        due = {page: at for page, at in self._wanted.items() if self._is_due(page, at, now)}
        if due:
            changed = {id for page, at in due.items() for id in self._moved(page, at)}
            places = [(page, at, self._users[page]) for page, at in due.items() if at]
            gone = [page for page, at in due.items() if at is None]
            await database_sync_to_async(presence.note)(places, gone=gone, changed=changed)
            self._written |= {page: Written(at, now) for page, at in due.items()}
        self._forget(now)

    def _is_due(self, page: UUID, at: UUID | None, now: float) -> bool:
        written = self._written.get(page)
        return written.is_due(at, now) if written else at is not None

    def _moved(self, page: UUID, at: UUID | None) -> set[UUID]:
        """The interrupts at which somebody has come or gone."""
        before = self._written[page].interrupt if page in self._written else None
        return {id for id in (before, at) if id} if before != at else set()

    def _forget(self, now: float) -> None:
        """Pages that look at nothing, once that has been written for long enough."""
        for page in [page for page, at in self._wanted.items() if at is None]:
            written = self._written.get(page)
            if written is None or (written.interrupt is None and now - written.at >= GAP_SECONDS):
                del self._wanted[page], self._users[page]
                self._written.pop(page, None)


watch = Watch()
