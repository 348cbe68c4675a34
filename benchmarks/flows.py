"""The smallest flow that waits for a person: one step asks, one keeps the answer."""

from typing import Any

from benchmarks.chaos import flows as chaos
from flows import TriggerFlow, TriggerFlowRuntimeData, register

__all__ = ["chaos", "flow"]

flow = TriggerFlow(name="cycle")


async def ask(data: TriggerFlowRuntimeData) -> Any:
    return await data.async_pause_for(
        type="approval", payload={"question": f"Refund {data.input['ticket']}?"}
    )


async def keep(data: TriggerFlowRuntimeData) -> None:
    await data.async_set_state("decision", data.input)


flow.to(ask).to(keep)
register(flow)
