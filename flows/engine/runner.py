"""Run one chunk and write down what it does."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from flows.engine.canonical import canonical_json
from flows.engine.data import Host, TriggerFlowRuntimeData
from flows.engine.definition import Kind, Step
from flows.engine.errors import PauseNotAllowed
from flows.engine.signals import Activation, Outcome

if TYPE_CHECKING:
    from flows.engine.core import Core

IN_PROCESS = Host()


async def run(core: Core, activation: Activation, host: Host = IN_PROCESS) -> Outcome:
    """What the activation's chunk did; an Exception of the chunk is in `outcome.error`.

    Changes nothing: give the outcome to `core.commit`. BaseExceptions come out as they are.
    """
    step = core.definition.steps[activation.step]
    data = TriggerFlowRuntimeData(core, activation, host)
    try:
        if step.kind is Kind.IF:
            return Outcome(data.effects, branch=await _branch(step, data))
        returned = await _call(step.chunk, data)
        paused = any(effect[0] == "pause" for effect in data.effects)
        return Outcome(data.effects, None if paused else canonical_json(returned))
    except Exception as error:
        return Outcome(error=error)


async def _branch(step: Step, data: TriggerFlowRuntimeData) -> str:
    """The first step of the branch to take; conditions hit only on exactly True."""
    heads = [head for _, head in step.branches]
    for condition, head in zip(step.conditions, heads, strict=False):
        hit = await _call(condition, data)
        if any(effect[0] == "pause" for effect in data.effects):
            raise PauseNotAllowed(
                f"The condition “{condition.name}” cannot pause: pause in a step before it."
            )
        if hit is True:
            return head
    if len(heads) > len(step.conditions):
        return heads[-1]
    assert step.end is not None
    return step.end


async def _call(chunk: Any, data: TriggerFlowRuntimeData) -> Any:
    returned = chunk.function(data)
    return await returned if inspect.isawaitable(returned) else returned
