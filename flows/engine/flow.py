"""TriggerFlow: what authors write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, overload

from flows.engine.builder import Chain, Draft
from flows.engine.chunk import Chunk
from flows.engine.definition import Definition
from flows.engine.execution import Execution, run_sync


class TriggerFlow:
    """A flow: chunks, and the graph in which they run. Immutable to its executions.

    Chains start on the flow (`flow.to(ask)`) or on an event (`flow.when("Paid")`); see `Chain`
    for what a chain can do. Mistakes raise DefinitionError.
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        self._draft = Draft(name)

    def __repr__(self) -> str:
        return f"<TriggerFlow {self.name or 'unnamed'}>"

    @property
    def definition(self) -> Definition:
        """The graph as built so far, checked."""
        return self._draft.freeze()

    @property
    def definition_hash(self) -> str:
        """SHA-256 (hex) of the structure: steps, order, joins; not of the code inside chunks."""
        return self.definition.hash

    @overload
    def chunk(self, name_or_function: str | None = None) -> Callable[[Callable[..., Any]], Chunk]: ...
    @overload
    def chunk(self, name_or_function: Callable[..., Any]) -> Chunk: ...
    def chunk(self, name_or_function: Any = None) -> Any:
        """Register a function: `@flow.chunk`, or `@flow.chunk("name")`. Other steps may then name it."""
        if callable(name_or_function):
            return self._draft.chunks.named(name_or_function)
        return lambda function: self._draft.chunks.named(function, name_or_function)

    # -- chains -----------------------------------------------------------------
    def to(self, handler: Chunk | Callable[..., Any] | str) -> Chain:
        """A chain that starts with `handler` on the execution's input."""
        return Chain(self._draft).to(handler)

    def when(self, event: str) -> Chain:
        """A chain that starts whenever `event` is emitted."""
        return Chain(self._draft).when(event)

    def batch(self, *handlers: Chunk | Callable[..., Any] | str, concurrency: int | None = None) -> Chain:
        """A chain that starts with several chunks side by side."""
        return Chain(self._draft).batch(*handlers, concurrency=concurrency)

    def for_each(self, concurrency: int | None = None) -> Chain:
        """A chain that starts once for each item of the input."""
        return Chain(self._draft).for_each(concurrency)

    def if_condition(self, condition: Chunk | Callable[..., Any] | str) -> Chain:
        """A chain that starts with a decision."""
        return Chain(self._draft).if_condition(condition)

    # -- runs --------------------------------------------------------------------
    def create_execution(
        self,
        *,
        auto_close: bool = True,
        auto_close_timeout: float | None = 10.0,
        concurrency: int | None = None,
        runtime_resources: Mapping[str, Any] | None = None,
    ) -> Execution:
        """A run of this flow in this process, not started yet.

        `auto_close_timeout`: seconds of idleness after which it closes itself (None: never);
        `concurrency`: how many chunks run at once (None: no limit); `runtime_resources`: live
        objects for `data.get_resource`, never saved.
        """
        return Execution(
            self.definition,
            auto_close_timeout=auto_close_timeout if auto_close else None,
            concurrency=concurrency,
            resources=runtime_resources,
        )

    async def async_start_execution(self, value: Any = None, **options: Any) -> Execution:
        """`create_execution(**options)`, started: it comes back when it is idle or waits."""
        execution = self.create_execution(**options)
        await execution.async_start(value)
        return execution

    def start_execution(self, value: Any = None, **options: Any) -> Execution:
        """The plain form of `async_start_execution`."""
        return run_sync(self.async_start_execution(value, **options))

    async def async_start(
        self,
        value: Any = None,
        *,
        concurrency: int | None = None,
        runtime_resources: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Run to the end and return the close snapshot.

        The execution stays hidden, so nobody could answer: `pause_for` in it raises
        PauseNotAllowed. A chunk's own error comes out as it is.
        """
        execution = Execution(
            self.definition, concurrency=concurrency, resources=runtime_resources, hidden=True
        )
        await execution.async_start(value)
        return await execution.async_close()

    def start(self, value: Any = None, **options: Any) -> dict[str, Any]:
        """The plain form of `async_start`."""
        return run_sync(self.async_start(value, **options))
