"""Runs what is ready, on asyncio, until the execution is idle or waits."""

from __future__ import annotations

import asyncio

from flows.engine.core import Core
from flows.engine.data import Host
from flows.engine.runner import run
from flows.engine.signals import Activation
from flows.engine.states import Status


class Pump:
    """Each caller of `settle` runs what is ready in its own task, and all wait for the last one.

    So an answer that comes while a slow branch runs is followed up at once, and nobody schedules.
    """

    __slots__ = ("concurrency", "core", "error", "host", "waiters")

    def __init__(self, core: Core, host: Host, concurrency: int | None) -> None:
        self.core, self.host, self.concurrency = core, host, concurrency
        self.error: Exception | None = None  # the first since the start or the last retry
        self.waiters: list[asyncio.Future[None]] = []

    async def settle(self) -> None:
        """Run until idle; raises the error of a chunk that failed meanwhile."""
        before = self.error
        await self._drain()
        await self.idle()
        if self.core.status is Status.FAILED and self.error is not None and self.error is not before:
            raise self.error

    async def idle(self) -> None:
        """Come back once nothing runs, in this task or another."""
        while self.core.running:
            waiter = asyncio.get_running_loop().create_future()
            self.waiters.append(waiter)
            await waiter

    def wake(self) -> None:
        """Tell those who wait for idleness when it is there."""
        if self.core.running:
            return
        waiters, self.waiters = self.waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def _drain(self) -> None:
        while batch := self.core.take(self._free()):
            if len(batch) == 1:
                await self._perform(batch[0])
            else:
                await asyncio.gather(*map(self._follow, batch))

    async def _follow(self, activation: Activation) -> None:
        await self._perform(activation)
        await self._drain()

    async def _perform(self, activation: Activation) -> None:
        try:
            outcome = await run(self.core, activation, self.host)
        except BaseException:
            self.core.give_back(activation)
            self.wake()
            raise
        self.core.commit(activation, outcome)
        self.error = self.error or outcome.error
        self.wake()

    def _free(self) -> int | None:
        return None if self.concurrency is None else self.concurrency - len(self.core.running)
