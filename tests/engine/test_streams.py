"""The stream, handlers of a single run, and waiting for the result."""

import asyncio

import pytest

from flows import TriggerFlow
from flows.engine import Execution


def test_items_are_read_while_the_chunk_still_runs():
    async def story():
        flow, seen = TriggerFlow(name="stream"), asyncio.Event()

        async def work(data):
            await data.async_put_into_stream({"done": 1})
            await seen.wait()
            data.put_into_stream({"done": 2})

        flow.to(work)
        execution = flow.create_execution(auto_close_timeout=0)
        task, items = asyncio.create_task(execution.async_start()), []
        async for item in execution.async_get_runtime_stream():
            items.append(item)
            seen.set()
        await task
        return items

    assert asyncio.run(asyncio.wait_for(story(), 5)) == [{"done": 1}, {"done": 2}]


def test_the_plain_form_gives_what_was_put_so_far():
    flow = TriggerFlow(name="plain")
    flow.to(flow.chunk("work")(lambda data: data.put_into_stream(data.input)))
    execution = flow.start_execution("item", auto_close=False)
    assert list(execution.get_runtime_stream()) == ["item"]
    assert list(execution.get_runtime_stream()) == []


def test_a_stream_that_brings_nothing_ends_after_its_timeout():
    async def story():
        flow = TriggerFlow(name="silent")
        flow.to(flow.chunk("ask")(lambda data: data.pause_for()))
        execution = await flow.async_start_execution(auto_close=False)
        return [item async for item in execution.async_get_runtime_stream(timeout=0.02)]

    assert asyncio.run(story()) == []


def test_handlers_hear_what_this_run_emits_and_their_errors_change_nothing(caplog):
    flow = TriggerFlow(name="handlers")
    flow.to(flow.chunk("emits")(lambda data: data.emit("Progress", data.input)))
    execution, heard = flow.create_execution(auto_close=False), []

    async def handler(value):
        heard.append(value)

    def broken(value):
        raise RuntimeError("broken handler")

    execution.on("Progress", broken)
    execution.on("Progress", handler)
    execution.start(1)
    execution.emit("Progress", 2)
    assert heard == [1, 2]
    assert "A handler of “Progress” raised" in caplog.text
    assert execution.status == "running"


def test_get_result_waits_for_the_answer_and_the_end():
    async def story():
        flow = TriggerFlow(name="result")
        flow.to(flow.chunk("ask")(lambda data: data.pause_for(interrupt_id="q"))).to(
            flow.chunk("keep")(lambda data: data.set_result(data.input))
        )
        execution = Execution(flow.definition, auto_close_timeout=0.01)
        await execution.async_start()
        waiting = asyncio.create_task(execution.async_get_result(timeout=5))
        await execution.async_continue_with("q", "answer")
        return await waiting, execution.status

    assert asyncio.run(story()) == ("answer", "completed")


def test_get_result_gives_up_after_its_timeout():
    flow = TriggerFlow(name="waits")
    flow.to(flow.chunk("ask")(lambda data: data.pause_for()))
    execution = flow.start_execution(auto_close=False)
    with pytest.raises(TimeoutError):
        execution.get_result(timeout=0.01)
