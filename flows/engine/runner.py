"""Run one chunk and write down what it does."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import TYPE_CHECKING, Any

from flows.engine.canonical import canonical_json, restore_json
from flows.engine.chunk import Chunk
from flows.engine.data import Host, TriggerFlowRuntimeData
from flows.engine.definition import Condition, Kind, Step
from flows.engine.errors import ChunkEnded, ChunkTimeout, PauseNotAllowed
from flows.engine.routing import entry_of
from flows.engine.signals import Activation, Outcome
from flows.engine.states import Status

if TYPE_CHECKING:
    from flows.engine.core import Core

IN_PROCESS = Host()


async def run(core: Core, activation: Activation, host: Host = IN_PROCESS) -> Outcome:
    """What the activation's chunk did; an Exception of the chunk is in `outcome.error`.

    Changes nothing: give the outcome to `core.commit`. BaseExceptions come out as they are. After
    `core.cancel` nothing starts.
    """
    if core.status is Status.CANCELLED:
        return Outcome()
    step = core.step_of(activation)
    data = TriggerFlowRuntimeData(core, activation, host)
    try:
        if step.sub is not None:
            step.sub.contract.check("initial_input", restore_json(entry_of(core, step, activation)[0]))
            return Outcome()
        if step.chunk is None:
            return Outcome(data.effects, branches=await _branches(step, data, activation.value))
        outcome = Outcome(data.effects)
        returned = await _call(step.chunk, data)
        outcome.output = None if outcome.has_paused else canonical_json(returned)
        return outcome
    except asyncio.CancelledError as error:
        if _is_being_cancelled():
            raise
        return Outcome(error=ChunkEnded(data.chunk_name, error))
    except Exception as error:
        return Outcome(error=error)


def _is_being_cancelled() -> bool:
    """Whether the task at hand is told to end, rather than a chunk having raised the same by itself."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


async def _branches(step: Step, data: TriggerFlowRuntimeData, value: Any) -> list[str]:
    """The keys of the branches to take: the first that hits or all, else the one without a condition."""
    keys = [key for key, _ in step.branches]
    hits = []
    for key, condition in zip(keys, step.conditions, strict=False):
        if await _hits(condition, data, value):
            hits.append(key)
            if step.kind is Kind.CHOICE:
                break
    return hits or keys[len(step.conditions) :]


async def _hits(condition: Condition, data: TriggerFlowRuntimeData, value: Any) -> bool:
    """Exactly True from a function; equal to a value, where true is not 1."""
    if condition.chunk is None:
        same_kind = isinstance(value, bool) == isinstance(condition.value, bool)
        return bool(same_kind and value == condition.value)
    returned = await _call(condition.chunk, data)
    if Outcome(data.effects).has_paused:
        raise PauseNotAllowed(f"The condition “{condition.label}” cannot pause: pause in a step before it.")
    return returned is True


async def _call(chunk: Chunk, data: TriggerFlowRuntimeData) -> Any:
    if chunk.options.timeout is not None:
        return await _call_in_time(chunk, data, chunk.options.timeout)
    returned = chunk.function(data)
    return await returned if inspect.isawaitable(returned) else returned


async def _call_in_time(chunk: Chunk, data: TriggerFlowRuntimeData, seconds: float) -> Any:
    started = time.monotonic()
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            returned = chunk.function(data)
            returned = await returned if inspect.isawaitable(returned) else returned
    except TimeoutError as error:
        if limit.expired():
            raise ChunkTimeout(chunk.name, seconds) from error
        raise
    if time.monotonic() - started > seconds:
        raise ChunkTimeout(chunk.name, seconds)
    return returned
