"""The engine in one process: speed, memory of a waiting execution, and the price of history.

    .venv/bin/python -m benchmarks.engine [--cycles 20000]

A cycle is create, start (pauses), continue_with, close. CPU time, median of five rounds.
Exit code 1 when a budget of the engine (ENGINE.md, Speed) is missed.
"""

import argparse
import asyncio
import gc
import json
import statistics
import time
import tracemalloc

from flows import TriggerFlow, TriggerFlowRuntimeData
from flows.engine import Execution

ROUNDS = 5
WAITING = 2_000
APPROVALS = 1_000
BLOCK = 50  # approvals whose times are compared, at the start and at the end
BUDGETS = {"cycles per second": 5_000, "bytes per waiting execution": 4_096, "growth": 1.10}


def approval() -> TriggerFlow:
    flow = TriggerFlow(name="approval")

    @flow.chunk
    async def ask(data: TriggerFlowRuntimeData) -> object:
        return await data.async_pause_for(type="approval", payload={"question": f"Approve {data.input}?"})

    @flow.chunk
    async def commit(data: TriggerFlowRuntimeData) -> None:
        await data.async_set_state("decision", data.input)

    flow.to(ask).to(commit)
    return flow


def sequential() -> TriggerFlow:
    flow = TriggerFlow(name="sequential")

    @flow.chunk
    async def ask(data: TriggerFlowRuntimeData) -> object:
        return await data.async_pause_for(payload={"round": 1}, resume_event="Again")

    flow.to(ask)
    flow.when("Again").to(ask)
    return flow


async def cycle(flow: TriggerFlow) -> None:
    execution = flow.create_execution(auto_close=False)
    await execution.async_start("T-001")
    await execution.async_continue_with(next(iter(execution.get_pending_interrupts())), {"approved": True})
    await execution.async_close()


async def cycles_per_second(count: int) -> list[float]:
    flow, rates = approval(), []
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(count // ROUNDS):
            await cycle(flow)
        rates.append(count // ROUNDS / (time.process_time() - started))
    return rates


async def bytes_per_waiting() -> float:
    flow, waiting = approval(), []
    await cycle(flow)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(WAITING):
        execution = flow.create_execution(auto_close=False)
        await execution.async_start(f"T-{number}")
        waiting.append(execution)
    gc.collect()
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return used / WAITING


async def growth() -> tuple[float, float]:
    """(time, snapshot size) of the last of many sequential approvals against the first, as ratios."""
    execution = sequential().create_execution(auto_close=False)
    await execution.async_start(0)
    seconds, sizes = [], []
    for number in range(APPROVALS):
        started = time.process_time()
        await answer(execution, number)
        seconds.append(time.process_time() - started)
        sizes.append(len(json.dumps(execution.save())))
    first, last = seconds[:BLOCK], seconds[-BLOCK:]
    return statistics.median(last) / statistics.median(first), sizes[-1] / sizes[0]


async def answer(execution: Execution, value: int) -> None:
    await execution.async_continue_with(next(iter(execution.get_pending_interrupts())), value)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=20_000)
    count = parser.parse_args().cycles
    rates = asyncio.run(cycles_per_second(count))
    memory = asyncio.run(bytes_per_waiting())
    slower, larger = asyncio.run(growth())
    rate = statistics.median(rates)
    print(f"cycles per second             {rate:>10,.0f}   ({min(rates):,.0f} to {max(rates):,.0f})")
    print(f"bytes per waiting execution   {memory:>10,.0f}")
    print(f"1000th approval / first, time {slower:>10.2f}")
    print(f"1000th approval / first, size {larger:>10.2f}")
    kept = rate >= BUDGETS["cycles per second"] and memory <= BUDGETS["bytes per waiting execution"]
    return 0 if kept and max(slower, larger) <= BUDGETS["growth"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
