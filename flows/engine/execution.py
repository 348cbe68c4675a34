"""An execution in the process at hand: the same engine as the durable runtime, on asyncio."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from flows.engine.canonical import canonical_json, restore_json
from flows.engine.core import Core
from flows.engine.data import Host
from flows.engine.definition import Definition
from flows.engine.errors import IllegalMove, PendingInterrupts, UnknownInterrupt
from flows.engine.ids import new_id
from flows.engine.pause import check_event
from flows.engine.plain import run_sync
from flows.engine.pump import Pump
from flows.engine.receipts import Receipts, now
from flows.engine.signals import UNSET
from flows.engine.states import TERMINAL, Status
from flows.engine.stream import Stream


class Execution:
    """One run of a flow. Made by `flow.create_execution()`.

    Every call has a plain and an `async_` form. Calls that set something going come back when
    the execution is idle or waits, and raise the error of a chunk that failed meanwhile.
    """

    __slots__ = ("_clock", "_core", "_idle_at", "_pump", "_receipts", "_stream", "_timeout")

    def __init__(
        self,
        definition: Definition,
        *,
        auto_close_timeout: float | None = None,
        concurrency: int | None = None,
        resources: Mapping[str, Any] | None = None,
        hidden: bool = False,
        skip_exceptions: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if concurrency is not None and (type(concurrency) is not int or concurrency < 1):
            raise ValueError(f"concurrency is a whole number from 1, or None, not {concurrency!r}.")
        self._core = Core.create(definition, new_id())
        self._core.skips_errors = skip_exceptions
        self._stream = Stream()
        host = Host(resources or {}, pauses=not hidden, stream=self._stream.put)
        self._receipts = Receipts()
        self._pump = Pump(self._core, host, concurrency, self._receipts)
        self._timeout, self._clock = auto_close_timeout, clock
        self._idle_at: float | None = None  # since when nothing has been going on

    # -- what it is ---------------------------------------------------------------
    @property
    def id(self) -> str:
        """A UUID of version 7, as text; a loaded execution has that of the saved one."""
        return self._core.execution_id

    @property
    def status(self) -> str:
        """created, running, waiting, completed, failed or cancelled."""
        self._close_when_due()
        return self._core.status.value

    def get_status(self) -> str:
        """The same as `status`."""
        return self.status

    def is_waiting(self) -> bool:
        """Whether it does nothing but wait for answers."""
        return self._core.status is Status.WAITING

    def get_pending_interrupts(self) -> dict[str, dict[str, Any]]:
        """The waiting interrupts by id, as copies: id, type, payload, resume_to, step and options."""
        return {key: interrupt.public() for key, interrupt in self._core.interrupts.items()}

    def get_interrupt(self, interrupt_id: str) -> dict[str, Any]:
        """One waiting interrupt, as a copy; raises UnknownInterrupt."""
        if interrupt_id not in self._core.interrupts:
            raise UnknownInterrupt(interrupt_id)
        return self._core.interrupts[interrupt_id].public()

    @property
    def result(self) -> Any:
        """What a chunk gave to `set_result`; None before."""
        return None if self._core.result is UNSET else restore_json(self._core.result)

    # -- what it does ---------------------------------------------------------------
    async def async_start(self, value: Any = None) -> None:
        """Send `value` into the flow; raises NotJSON, ContractError, or IllegalMove the second time."""
        self._core.definition.contract.check("initial_input", value)
        self._core.start(canonical_json(value))
        await self._settle()

    async def async_continue_with(
        self,
        interrupt_id: str,
        value: Any = None,
        resume_request_id: str | None = None,
        actor: str | None = None,
    ) -> dict[str, Any]:
        """Answer one interrupt and go on; returns {"interrupt_id", "value", "by", "at"}.

        The same `resume_request_id` with the same value returns the first result. Raises
        UnknownInterrupt, AlreadyResolved, RequestReused or NotJSON; if a chunk behind it raises,
        that error comes out, the answer is kept, and `retry` takes up from there.
        """
        self._close_when_due()
        tagged = canonical_json(value)
        waits = interrupt_id in self._core.interrupts
        if not waits or self._receipts.has(interrupt_id, resume_request_id):
            return self._receipts.repeated(interrupt_id, tagged, resume_request_id)
        changes = self._core.resume(interrupt_id, tagged, canonical_json({"by": actor, "at": now()}))
        shown = self._receipts.keep(
            interrupt_id, tagged, how="answered", by=actor, request_id=resume_request_id
        )
        await self._pump.tell(changes)
        await self._settle()
        return shown

    async def async_emit(self, event: str, value: Any = None) -> None:
        """Emit an event from outside; raises IllegalMove before the start and after the end."""
        check_event(event)
        self._check_open("emit to")
        await self._pump.tell(self._core.emit(event, canonical_json(value)))
        await self._settle()

    def on(self, event: str, handler: Callable[[Any], Any]) -> None:
        """Call `handler(value)`, plain or async, whenever `event` is emitted in this run. Not saved."""
        check_event(event)
        self._pump.handlers.setdefault(event, []).append(handler)

    async def async_get_result(self, timeout: float | None = None) -> Any:
        """Wait for the end, and return the result.

        Raises the error of a chunk that failed it, TimeoutError after `timeout` seconds.
        """
        async with asyncio.timeout(timeout):
            await self._go_on()
            async for _ in self._news():
                pass
        if self._core.status is Status.FAILED:
            raise self._pump.error or IllegalMove("It had failed before it was loaded: call retry() first.")
        return self.result

    async def async_get_runtime_stream(self, timeout: float | None = None) -> AsyncIterator[Any]:
        """What chunks put into the stream, as it comes, until the execution has ended, or for
        `timeout` seconds nothing came. Each item is read once."""
        async for _ in self._news(timeout):
            for item in self._stream.take_all():
                yield item

    async def async_retry(self) -> None:
        """Run what failed again; raises IllegalMove unless it is failed."""
        self._core.retry()
        self._pump.error = None
        await self._settle()

    async def async_cancel(self, reason: str | None = None) -> None:
        """End it: interrupts are cancelled, running chunks are told and what they do is dropped."""
        self._cancel(reason)

    async def async_close(
        self, reason: str | None = None, pending_interrupts: str = "error"
    ) -> dict[str, Any]:
        """Let it finish what it is doing, end it, and return the state.

        When a result was set, `$final_result` is in there too.
        With interrupts waiting it raises PendingInterrupts and stays open, or cancels them and
        itself (`pending_interrupts="cancel"`). The second call returns the same.
        """
        if pending_interrupts not in ("error", "cancel"):
            raise ValueError(f'pending_interrupts is "error" or "cancel", not {pending_interrupts!r}.')
        if self._core.interrupts and pending_interrupts == "cancel":
            self._cancel(reason)
        await self._settle()
        if self._core.interrupts and pending_interrupts == "cancel":  # asked meanwhile
            self._cancel(reason)
        if self._core.interrupts:
            raise PendingInterrupts(self._core.interrupts)
        self._close()
        return self._snapshot()

    def save(self) -> dict[str, Any]:
        """JSON-ready data, at any moment; what has not been committed is in it as not yet run."""
        self._close_when_due()
        return deepcopy(self._core.save())

    def load(self, snapshot: dict[str, Any]) -> Execution:
        """Become the execution that was saved, and return it.

        Raises SnapshotMismatch or NeedsMigration, and IllegalMove when this one was started.
        """
        if self._core.status is not Status.CREATED:
            raise IllegalMove("Load into a new execution: this one has been started.")
        skips = self._core.skips_errors
        self._core = self._pump.core = Core.load(self._core.definition, deepcopy(snapshot))
        self._core.skips_errors = skips
        self._note_idleness()
        return self

    # -- plain forms --------------------------------------------------------------------
    def start(self, value: Any = None) -> None:
        run_sync(self.async_start(value))

    def continue_with(
        self, interrupt_id: str, value: Any = None, *args: Any, **options: Any
    ) -> dict[str, Any]:
        return run_sync(self.async_continue_with(interrupt_id, value, *args, **options))

    def emit(self, event: str, value: Any = None) -> None:
        run_sync(self.async_emit(event, value))

    def get_result(self, timeout: float | None = None) -> Any:
        return run_sync(self.async_get_result(timeout))

    def get_runtime_stream(self) -> Iterator[Any]:
        """What was put into the stream so far and is not read yet."""
        yield from self._stream.take_all()

    def retry(self) -> None:
        run_sync(self.async_retry())

    def cancel(self, reason: str | None = None) -> None:
        self._cancel(reason)

    def close(self, reason: str | None = None, pending_interrupts: str = "error") -> dict[str, Any]:
        return run_sync(self.async_close(reason, pending_interrupts))

    # -- inside ---------------------------------------------------------------------
    async def _go_on(self) -> None:
        """Run what a loaded snapshot had not run yet."""
        if self._core.ready and not self._core.running:
            await self._settle()

    async def _settle(self) -> None:
        self._idle_at = None
        try:
            await self._pump.settle()
        finally:
            self._note_idleness()
            self._stream.wake()

    def _note_idleness(self) -> None:
        core = self._core
        idle = core.is_idle and core.status is Status.RUNNING
        self._idle_at = self._clock() if idle and not core.interrupts else None

    def _close_when_due(self) -> None:
        """Auto-close needs no timer: whoever looks after the timeout sees it closed."""
        due = self._idle_at is not None and self._timeout is not None
        if due and self._clock() >= (self._idle_at or 0) + (self._timeout or 0):
            self._close()

    async def _news(self, timeout: float | None = None) -> AsyncIterator[None]:
        """Comes by whenever something may have changed, a last time at the end."""
        while True:
            ended = self.status in (*TERMINAL, Status.FAILED)
            yield
            if ended:
                return
            left = self._seconds_to_close()
            limits = [seconds for seconds in (timeout, left) if seconds is not None]
            if not await self._stream.changed(min(limits, default=None)) and left is None:
                return

    def _seconds_to_close(self) -> float | None:
        """How long until it closes itself; None when that is not to be expected."""
        if self._idle_at is None or self._timeout is None:
            return None
        return max(self._idle_at + self._timeout - self._clock(), 0.0)

    def _close(self) -> None:
        self._idle_at = None
        self._stream.wake()
        if self._core.status not in TERMINAL and self._core.status is not Status.FAILED:
            self._core.complete()

    def _cancel(self, reason: str | None) -> None:
        self._close_when_due()
        for key in self._core.cancel(canonical_json(reason)).closed:
            self._receipts.keep(key, None, how="cancelled")
        self._idle_at = None
        self._stream.wake()
        self._pump.wake()

    def _check_open(self, verb: str) -> None:
        self._close_when_due()
        if self._core.status in TERMINAL or self._core.status is Status.CREATED:
            raise IllegalMove(f"Cannot {verb} an execution that is {self._core.status}.")

    def _snapshot(self) -> dict[str, Any]:
        state: dict[str, Any] = restore_json(self._core.state)
        return state if self._core.result is UNSET else state | {"$final_result": self.result}
