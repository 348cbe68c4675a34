"""TriggerFlow: what authors write."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, overload

from flows.engine.builder import Chain, Handler
from flows.engine.chunk import Chunk, Options
from flows.engine.config import flow_config, from_yaml, load_config, to_json, to_yaml
from flows.engine.contract import Contract
from flows.engine.definition import Definition
from flows.engine.diagram import to_mermaid
from flows.engine.draft import Draft
from flows.engine.execution import Execution
from flows.engine.plain import run_sync


class TriggerFlow:
    """A flow: chunks, and the graph in which they run. Immutable to its executions.

    Chains start on the flow (`flow.to(ask)`) or on an event (`flow.when("Paid")`); see `Chain`
    for what a chain can do. Mistakes raise DefinitionError.
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        self.draft = Draft(name)

    def __repr__(self) -> str:
        return f"<TriggerFlow {self.name or 'unnamed'}>"

    @property
    def definition(self) -> Definition:
        """The graph as built so far, checked."""
        return self.draft.freeze()

    @property
    def definition_hash(self) -> str:
        """SHA-256 (hex) of the structure: steps, order, joins; not of the code inside chunks."""
        return self.definition.hash

    def to_mermaid(self) -> str:
        """The graph as a Mermaid flowchart."""
        return to_mermaid(self.definition)

    @overload
    def chunk(
        self,
        name: str | None = None,
        *,
        retries: int = 0,
        retry_delay: float = 0.0,
        retry_backoff: float = 2.0,
        timeout: float | None = None,
        run_on: str | None = None,
        queue: str | None = None,
    ) -> Callable[[Callable[..., Any]], Chunk]: ...
    @overload
    def chunk(self, name: Callable[..., Any]) -> Chunk: ...
    def chunk(self, name: Any = None, **options: Any) -> Any:
        """Register a function: `@flow.chunk`, or `@flow.chunk("name", retries=3, timeout=30)`.

        Other steps may then name it. `retries`: how often it runs again after it raised, the first time
        `retry_delay` seconds later, then each time `retry_backoff` times as long (an hour at most, and up
        to a quarter more, so that what failed together is spread out); `timeout`: seconds for one attempt
        (a plain function cannot be interrupted: it is judged when it returns). `run_on="celery"` makes the
        durable runtime run it on Celery workers; a script runs it itself. `queue`: only workers that
        serve it run this chunk in the durable runtime (None: the flow's queue). A script ignores it, and
        with `run_on` there is none: Celery's `task_routes` say which of its workers run a chunk.
        """
        if callable(name):
            return self.draft.chunks.named(name)
        return lambda function: self.draft.chunks.named(function, name, Options(**options))

    def set_contract(
        self, *, initial_input: Any = None, stream: Any = None, result: Any = None
    ) -> TriggerFlow:
        """Say of which types the input, the stream's items and the result are; returns the flow.

        With Pydantic installed anything that it validates will do (a model, `list[int]`, …), without
        it classes, unions, `list[…]` and `dict[…]`. What does not fit raises ContractError where it
        is given: at the start, in `set_result` or `put_into_stream`.
        """
        self.draft.promise(Contract(initial_input, stream, result))
        return self

    # -- chains -----------------------------------------------------------------
    @property
    def chain(self) -> Chain:
        """The head of a new chain that starts with the execution's input; see `Chain` for each builder."""
        return Chain(self.draft)

    def to(self, handler: Handler | Any) -> Chain:
        """A chain that starts with `handler`, a chunk or a flow."""
        return self.chain.to(handler)

    def to_sub_flow(
        self, flow: Any, capture: dict[str, Any] | None = None, write_back: dict[str, Any] | None = None
    ) -> Chain:
        """A chain that starts with another flow."""
        return self.chain.to_sub_flow(flow, capture, write_back)

    def when(
        self, event: str | Iterable[str] | Mapping[str, str | Iterable[str]], mode: str = "and"
    ) -> Chain:
        """A chain that starts on one event or several."""
        return self.chain.when(event, mode)

    def batch(self, *handlers: Handler, concurrency: int | None = None) -> Chain:
        """A chain that starts with several chunks side by side."""
        return self.chain.batch(*handlers, concurrency=concurrency)

    def for_each(self, concurrency: int | None = None) -> Chain:
        """A chain that starts once for each item of the input."""
        return self.chain.for_each(concurrency)

    def if_condition(self, condition: Handler) -> Chain:
        """A chain that starts with a decision."""
        return self.chain.if_condition(condition)

    def match(self, mode: str = "hit_first") -> Chain:
        """A chain that starts with a choice by cases."""
        return self.chain.match(mode)

    # -- as data ------------------------------------------------------------------
    def get_flow_config(self) -> dict[str, Any]:
        """The graph as JSON-ready data; chunks by their names."""
        return flow_config(self.definition)

    def get_json_flow(self) -> str:
        """The same as JSON text."""
        return to_json(self.get_flow_config())

    def get_yaml_flow(self) -> str:
        """The same as YAML text; raises YAMLMissing without PyYAML."""
        return to_yaml(self.get_flow_config())

    def load_flow_config(self, config: dict[str, Any]) -> TriggerFlow:
        """Take over the graph of `get_flow_config`, and return the flow.

        Its chunks must be registered here by their names, those of its sub flows too. Raises
        DefinitionError that names the step; then nothing has changed.
        """
        load_config(self.draft, config)
        self.name = self.draft.flow
        return self

    def load_json_flow(self, text: str) -> TriggerFlow:
        """`load_flow_config` from JSON text; raises ValueError for what is not JSON."""
        return self.load_flow_config(json.loads(text))

    def load_yaml_flow(self, text: str) -> TriggerFlow:
        """`load_flow_config` from YAML text; raises YAMLMissing without PyYAML."""
        return self.load_flow_config(from_yaml(text))

    # -- runs --------------------------------------------------------------------
    def create_execution(
        self,
        *,
        auto_close: bool = True,
        auto_close_timeout: float | None = 10.0,
        concurrency: int | None = None,
        runtime_resources: Mapping[str, Any] | None = None,
        skip_exceptions: bool = False,
    ) -> Execution:
        """A run of this flow in this process, not started yet.

        `auto_close_timeout`: seconds of idleness after which it closes itself (None: never);
        `concurrency`: how many chunks run at once (None: no limit); `runtime_resources`: live
        objects for `data.get_resource`, never saved; `skip_exceptions`: a chunk that raises (after its
        retries) is logged and ends its branch, a join around it gets null, and the rest goes on.
        """
        return Execution(
            self.definition,
            auto_close_timeout=auto_close_timeout if auto_close else None,
            concurrency=concurrency,
            resources=runtime_resources,
            skip_exceptions=skip_exceptions,
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
