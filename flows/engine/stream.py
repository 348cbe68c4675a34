"""What an execution puts out while it runs, for whoever reads it in the same process."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

MOST_UNREAD = 10_000  # then the oldest items give way


class Stream:
    """Items in the order in which they were put; each is read once."""

    __slots__ = ("_items", "_waiters")

    def __init__(self) -> None:
        self._items: deque[Any] | None = None  # most executions never put anything out
        self._waiters: list[asyncio.Future[None]] = []

    def put(self, item: Any) -> None:
        if self._items is None:
            self._items = deque(maxlen=MOST_UNREAD)
        self._items.append(item)
        self.wake()

    def take_all(self) -> list[Any]:
        """Everything unread."""
        items, self._items = list(self._items or ()), None
        return items

    def wake(self) -> None:
        """Let readers look again: there may be an item, or the end."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def changed(self, timeout: float | None) -> bool:
        """Wait until `wake`; False when `timeout` seconds were not enough."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        done, _ = await asyncio.wait([waiter], timeout=timeout)
        return bool(done)
