"""Flows whose heavy chunks run on Celery workers, which the tests start."""

import asyncio
import os
import threading
from pathlib import Path

from flows import TriggerFlow, register


def keep(data):
    data.set_result(data.input)


# -- everything that a chunk can do -----------------------------------------------------------------
heavy_flow = TriggerFlow(name="heavy")


@heavy_flow.chunk(run_on="celery")
def heavy(data):
    """Uses the database as any view would."""
    from flows.models import Execution

    assert Execution.objects.get(pk=data.execution_id).lease_owner is None
    data.set_state("seen.by", os.getpid())
    data.put_into_stream({"half": True})
    data.emit("Weighed", data.input)
    return {"doubled": data.input * 2, "pid": os.getpid()}


heavy_flow.to(heavy).to(keep)
heavy_flow.when("Weighed").to(heavy_flow.chunk("note")(lambda data: data.set_state("weighed", data.input)))
register(heavy_flow)


# -- a question ---------------------------------------------------------------------------------------
heavy_ask_flow = TriggerFlow(name="heavy ask")


@heavy_ask_flow.chunk("asks on celery", run_on="celery")
async def asks(data):
    if data.is_resume:
        return [data.resume.value, os.getpid()]
    return await data.async_pause_for(type="human_input", payload={"title": "Name?"}, resume_to="self")


heavy_ask_flow.to(asks).to(keep)
register(heavy_ask_flow)


# -- what does not go well ------------------------------------------------------------------------------
heavy_fails_flow = TriggerFlow(name="heavy fails")


@heavy_fails_flow.chunk("fails on celery", run_on="celery", retries=1, timeout=2)
async def fails(data):
    if data.input == "late":
        await asyncio.sleep(3600)
    if data.input == "exit":
        raise SystemExit(3)
    if data.attempt <= data.input:
        raise ConnectionError(f"No answer to {data.idempotency_key}")
    return data.attempt


heavy_fails_flow.to(fails).to(keep)
register(heavy_fails_flow)


# -- one whose worker is lost -----------------------------------------------------------------------------
heavy_lingers_flow = TriggerFlow(name="heavy lingers")


@heavy_lingers_flow.chunk("lingers on celery", run_on="celery")
def lingers(data):
    """Notes each attempt; those that linger say through a pipe that they began, and end when they may."""
    with Path(data.input["diary"]).open("a") as lines:
        lines.write(f"{data.attempt} {data.idempotency_key}\n")
    if data.attempt in data.input["linger"]:
        _linger(data, Path(data.input["pipe"]))
    return [data.attempt, data.idempotency_key]


def _linger(data, pipe):
    gate, tick = pipe.with_name(f"open {data.attempt}"), threading.Event()
    pipe.write_text("begun")
    while not (gate.exists() or data.is_cancelled):
        tick.wait(0.01)
    if data.is_cancelled and data.input["says when cancelled"]:
        pipe.write_text("cancelled")


heavy_lingers_flow.to(lingers).to(keep)
register(heavy_lingers_flow)


# -- one beside a chunk that fails at first ------------------------------------------------------------------
heavy_beside_flow = TriggerFlow(name="heavy beside")


def fails_at_first(data):
    if data.attempt == 1:
        raise ConnectionError("Not yet")


heavy_beside_flow.to(heavy_beside_flow.chunk("lingers on celery", run_on="celery")(lingers.function))
heavy_beside_flow.to(fails_at_first)
register(heavy_beside_flow)


# -- many, two at a time ------------------------------------------------------------------------------------
heavy_many_flow = TriggerFlow(name="heavy many")
heavy_many_flow.for_each().to(
    heavy_many_flow.chunk("squares on celery", run_on="celery")(lambda data: data.input**2)
).end_for_each().to(keep)
register(heavy_many_flow, concurrency=2)
