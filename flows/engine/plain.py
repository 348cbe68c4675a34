"""The plain forms of calls that are async inside."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run_sync(work: Coroutine[Any, Any, T]) -> T:
    """Run the `async_` form from plain code; raises RuntimeError inside a running event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    work.close()
    raise RuntimeError("An event loop is running here: await the async_ form of this call.")


class PlainForms:
    """For an execution: what can be called without awaiting; see the `async_` forms."""

    __slots__ = ()

    def start(self: Any, value: Any = None) -> None:
        run_sync(self.async_start(value))

    def continue_with(
        self: Any, interrupt_id: str, value: Any = None, *args: Any, **options: Any
    ) -> dict[str, Any]:
        return run_sync(self.async_continue_with(interrupt_id, value, *args, **options))

    def emit(self: Any, event: str, value: Any = None) -> None:
        run_sync(self.async_emit(event, value))

    def get_result(self: Any, timeout: float | None = None) -> Any:
        return run_sync(self.async_get_result(timeout))

    def retry(self: Any) -> None:
        run_sync(self.async_retry())

    def cancel(self: Any, reason: str | None = None) -> None:
        """End it: interrupts are cancelled, running chunks are told and what they do is dropped."""
        self._cancel(reason)

    async def async_cancel(self: Any, reason: str | None = None) -> None:
        """The same as `cancel`."""
        self._cancel(reason)

    def get_status(self: Any) -> str:
        """The same as `status`."""
        return str(self.status)

    def close(self: Any, reason: str | None = None, pending_interrupts: str = "error") -> dict[str, Any]:
        return run_sync(self.async_close(reason, pending_interrupts))
