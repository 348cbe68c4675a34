"""Runs what is ready, on asyncio, until the execution is idle or waits."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable
from typing import Any

from flows.engine.canonical import restore_json
from flows.engine.core import Core
from flows.engine.data import Host
from flows.engine.errors import IllegalMove
from flows.engine.receipts import Receipts
from flows.engine.runner import run
from flows.engine.signals import Activation, Changes
from flows.engine.states import Status

log = logging.getLogger(__name__)

Handler = Callable[[Any], Any]


def check_concurrency(concurrency: Any) -> None:
    """Raises ValueError for what cannot limit how many chunks run at once."""
    if concurrency is not None and (type(concurrency) is not int or concurrency < 1):
        raise ValueError(f"concurrency is a whole number from 1, or None, not {concurrency!r}.")


class Pump:
    """Each caller of `run` runs what is ready in its own task, and all wait for the last one.

    So an answer that comes while a slow branch runs is followed up at once, and nobody schedules.
    """

    __slots__ = ("concurrency", "core", "error", "handlers", "host", "receipts", "tasks", "waiters")

    def __init__(self, core: Core, host: Host, concurrency: int | None, receipts: Receipts) -> None:
        self.core, self.host, self.concurrency, self.receipts = core, host, concurrency, receipts
        self.handlers: dict[str, list[Handler]] = {}
        self.error: Exception | None = None  # the first since the start or the last retry
        self.waiters: list[asyncio.Future[None]] = []
        self.tasks: set[asyncio.Task[Any] | None] = set()  # those that run chunks at this moment

    async def run(self) -> None:
        """Run until idle; errors of chunks are kept in `error`."""
        await self._drain()
        await self.idle()

    def check_outside(self) -> None:
        """Raises IllegalMove inside a chunk of this execution, which would wait for itself."""
        if self.tasks and asyncio.current_task() in self.tasks:
            raise IllegalMove("A chunk cannot wait for its own execution: use `data` instead.")

    async def idle(self) -> None:
        """Come back once nothing runs, in this task or another."""
        while self.core.running:
            waiter = asyncio.get_running_loop().create_future()
            self.waiters.append(waiter)
            await waiter

    async def tell(self, changes: Changes) -> None:
        """Note which interrupts an event closed, and call the handlers of what was emitted; one that
        raises is logged and changes nothing."""
        for key in changes.closed:
            self.receipts.keep(key, None, how="closed", by="an event")
        for event, value in changes.emitted:
            for handler in self.handlers.get(event, ()):
                try:
                    returned = handler(restore_json(value))
                    if inspect.isawaitable(returned):
                        await returned
                except Exception:
                    log.exception("A handler of “%s” raised", event)

    def wake(self) -> None:
        """Tell those who wait for idleness when it is there."""
        if self.core.running:
            return
        waiters, self.waiters = self.waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def _drain(self) -> None:
        while True:
            batch = self.core.take(self._free())
            if len(batch) == 1:
                await self._perform(batch[0])
            elif batch:
                await asyncio.gather(*map(self._follow, batch))
            elif not await self._retry_is_due():
                return

    async def _retry_is_due(self) -> bool:
        """Wait for the first activation that may start later; False when there is none."""
        if not self.core.ready or self._free() == 0 or self.core.status is Status.FAILED:
            return False
        delay = min(activation.not_before for activation in self.core.ready.values()) - self.core.clock()
        waiter = asyncio.get_running_loop().create_future()
        self.waiters.append(waiter)
        await asyncio.wait([waiter], timeout=max(delay, 0))
        return True

    async def _follow(self, activation: Activation) -> None:
        await self._perform(activation)
        await self._drain()

    async def _perform(self, activation: Activation) -> None:
        task = asyncio.current_task()
        self.tasks.add(task)
        try:
            outcome = await run(self.core, activation, self.host)
        except BaseException:
            self.core.give_back(activation)
            self.wake()
            raise
        finally:
            self.tasks.discard(task)
        changes = self.core.commit(activation, outcome)
        if self.core.failures:
            self.error = self.error or outcome.error
        elif outcome.error is not None:
            log.warning("%s raised, and the flow goes on", activation.step, exc_info=outcome.error)
        if self.handlers or changes.closed:
            await self.tell(changes)
        self.wake()

    def _free(self) -> int | None:
        return None if self.concurrency is None else self.concurrency - len(self.core.running)
