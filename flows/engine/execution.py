"""An execution in the process at hand: the same engine as the durable runtime, on asyncio."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from flows.engine import away
from flows.engine.canonical import canonical_json, restore_json
from flows.engine.core import Core
from flows.engine.data import Host
from flows.engine.definition import Definition
from flows.engine.errors import IllegalMove, InterruptExpired, PendingInterrupts, UnknownInterrupt
from flows.engine.ids import new_id
from flows.engine.pause import CANCEL, FAIL, check_event
from flows.engine.plain import PlainForms
from flows.engine.pump import Pump, check_concurrency
from flows.engine.receipts import Receipts, now
from flows.engine.signals import UNSET, Interrupt
from flows.engine.states import TERMINAL, Status
from flows.engine.stream import Stream
from flows.engine.timers import TimerKind, fire, next_instant


class Execution(PlainForms):
    """One run of a flow. Made by `flow.create_execution()`.

    Every call has a plain and an `async_` form. Calls that set something going come back when
    the execution is idle or waits, and raise the error of a chunk that failed meanwhile. Timers need
    nobody's attention: whoever looks after an instant sees what it did, and the next awaited call
    runs what follows from it.
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
        clock: Callable[[], float] = time.time,
    ) -> None:
        check_concurrency(concurrency)
        self._core = Core.create(definition, new_id(), clock)
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
        self._catch_up()
        return self._core.status.value

    def is_waiting(self) -> bool:
        """Whether it does nothing but wait for answers."""
        return self._core.status is Status.WAITING

    def get_pending_interrupts(self) -> dict[str, dict[str, Any]]:
        """The waiting interrupts by id, as copies: id, type, payload, resume_to, step and options."""
        self._catch_up()
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
        self._pump.check_outside()
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
        self._pump.check_outside()
        self._catch_up()
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
        self._pump.check_outside()
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
        self._pump.check_outside()
        async with asyncio.timeout(timeout):
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
        self._pump.check_outside()
        self._core.retry()
        self._pump.error = None
        await self._settle()

    async def async_close(
        self, reason: str | None = None, pending_interrupts: str = "error"
    ) -> dict[str, Any]:
        """Let it finish what it is doing, end it, and return the state.

        When a result was set, `$final_result` is in there too.
        With interrupts waiting it raises PendingInterrupts and stays open, or cancels them and
        itself (`pending_interrupts="cancel"`). The second call returns the same.
        """
        self._pump.check_outside()
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
        self._catch_up()
        return deepcopy(self._core.save())

    def load(self, snapshot: dict[str, Any]) -> Execution:
        """Become the execution that was saved, and return it.

        Raises SnapshotMismatch or NeedsMigration, and IllegalMove when this one was started.
        """
        if self._core.status is not Status.CREATED:
            raise IllegalMove("Load into a new execution: this one has been started.")
        skips = self._core.skips_errors
        self._core = self._pump.core = Core.load(self._core.definition, deepcopy(snapshot), self._clock)
        self._core.skips_errors = skips
        away.call_back(self._core)
        self._note_idleness()
        return self

    def get_runtime_stream(self) -> Iterator[Any]:
        """What was put into the stream so far and is not read yet."""
        yield from self._stream.take_all()

    # -- inside ---------------------------------------------------------------------
    async def _settle(self) -> None:
        """Run until idle; raises the error of a chunk that failed meanwhile."""
        before = self._pump.error
        await self._run()
        error = self._pump.error
        if self._core.status is Status.FAILED and error is not None and error is not before:
            raise error

    async def _run(self) -> None:
        self._idle_at = None
        try:
            await self._pump.run()
        finally:
            self._note_idleness()
            self._stream.wake()

    def _note_idleness(self) -> None:
        core = self._core
        idle = core.is_idle and core.status is Status.RUNNING
        self._idle_at = self._clock() if idle and not core.interrupts else None

    def _catch_up(self) -> None:
        """Do what the time has brought since somebody looked."""
        now = self._clock()
        for interrupt, kind in fire(self._core, now):
            if kind is TimerKind.EXPIRE and interrupt.id in self._core.interrupts:
                self._expire(interrupt)
        due = self._idle_at is not None and self._timeout is not None
        if due and now >= (self._idle_at or 0) + (self._timeout or 0):
            self._close()

    def _expire(self, interrupt: Interrupt) -> None:
        outcome = interrupt.options["on_expire"]
        if outcome == CANCEL:
            self._end(f"“{interrupt.id}” expired")
        elif outcome == FAIL:
            self._core.expire(interrupt.id)
            self._pump.error = self._pump.error or InterruptExpired(interrupt.id)
        else:
            self._core.resume(interrupt.id, outcome, {"by": None, "at": now(), "door": "timer"})
        self._receipts.keep(interrupt.id, None, how="expired", by="the clock")

    async def _news(self, timeout: float | None = None) -> AsyncIterator[None]:
        """Comes by whenever something may have changed, a last time at the end."""
        while True:
            self._catch_up()
            if self._core.ready and not self._core.running:  # loaded, or the clock's doing
                await self._run()
            ended = self.status in (*TERMINAL, Status.FAILED)
            yield
            if ended:
                return
            left = self._seconds_left()
            patience = min((seconds for seconds in (timeout, left) if seconds is not None), default=None)
            if not await self._stream.changed(patience) and patience != left:
                return

    def _seconds_left(self) -> float | None:
        """How long until a timer fires or it closes itself; None when neither is to be expected."""
        instants = [] if (timer := next_instant(self._core)) is None else [timer]
        if self._idle_at is not None and self._timeout is not None:
            instants.append(self._idle_at + self._timeout)
        return max(min(instants) - self._clock(), 0.0) if instants else None

    def _close(self) -> None:
        self._idle_at = None
        self._stream.wake()
        if self._core.status not in TERMINAL and self._core.status is not Status.FAILED:
            self._core.complete()

    def _cancel(self, reason: str | None) -> None:
        self._catch_up()
        self._end(reason)

    def _end(self, reason: str | None) -> None:
        for key in self._core.cancel(canonical_json(reason)).closed:
            self._receipts.keep(key, None, how="cancelled")
        self._idle_at = None
        self._stream.wake()
        self._pump.wake()

    def _check_open(self, verb: str) -> None:
        self._catch_up()
        if self._core.status in TERMINAL or self._core.status is Status.CREATED:
            raise IllegalMove(f"Cannot {verb} an execution that is {self._core.status}.")

    def _snapshot(self) -> dict[str, Any]:
        state: dict[str, Any] = restore_json(self._core.state)
        return state if self._core.result is UNSET else state | {"$final_result": self.result}
