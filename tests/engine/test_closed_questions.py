"""Late and repeated answers, and ends that come while chunks run."""

import asyncio

import pytest

from flows import TriggerFlow
from flows.engine import AlreadyResolved


def test_an_answer_after_the_event_came_is_told_so():
    flow = TriggerFlow(name="f")
    for name in "ab":
        flow.to(flow.chunk(name)(lambda data, n=name: data.pause_for(interrupt_id=n, resume_event="Said")))
    execution = flow.start_execution(auto_close=False)
    execution.continue_with("a", 1)
    with pytest.raises(AlreadyResolved, match="closed by an event at"):
        execution.continue_with("b", 2)


def test_an_answer_after_a_chunk_emitted_the_event_is_told_so():
    flow = TriggerFlow(name="f")
    flow.to(flow.chunk("asks")(lambda data: data.pause_for(interrupt_id="q", resume_event="Said")))
    flow.when("Go").to(flow.chunk("says")(lambda data: data.emit("Said")))
    execution = flow.start_execution(auto_close=False)
    execution.emit("Go")
    with pytest.raises(AlreadyResolved):
        execution.continue_with("q", 1)


def test_a_repeated_request_does_not_answer_the_next_question_of_that_id():
    flow = TriggerFlow(name="f")
    flow.to(flow.chunk("asks")(lambda data: data.pause_for(interrupt_id="q", resume_to="self")))
    execution = flow.start_execution(auto_close=False)
    first = execution.continue_with("q", 1, resume_request_id="r-1")
    assert execution.continue_with("q", 1, resume_request_id="r-1") == first
    assert execution.save()["interrupts"][0]["id"] == "q"
    assert execution.save()["seq"] == 2


def test_close_with_cancel_also_cancels_what_is_asked_meanwhile():
    flow = TriggerFlow(name="f")
    go = asyncio.Event()

    @flow.chunk
    async def slow(data):
        await go.wait()
        return data.pause_for()

    flow.to(slow)

    async def run():
        execution = flow.create_execution(auto_close=False)
        started = asyncio.create_task(execution.async_start())
        await asyncio.sleep(0)
        closing = asyncio.create_task(execution.async_close(pending_interrupts="cancel"))
        await asyncio.sleep(0)
        go.set()
        await asyncio.gather(started, closing)
        return execution.status

    assert asyncio.run(run()) == "cancelled"


def test_no_attempt_starts_after_cancel():
    flow = TriggerFlow(name="f")
    attempts, failed = [], asyncio.Event()

    @flow.chunk(retries=1, retry_delay=0.01)
    def fails(data):
        attempts.append(data.attempt)
        failed.set()
        raise OSError

    child = TriggerFlow(name="child")
    child.to(fails)
    flow.to(child)

    async def run():
        execution = flow.create_execution(auto_close=False)
        started = asyncio.create_task(execution.async_start())
        await failed.wait()
        await execution.async_cancel()
        await started
        return execution.status

    assert asyncio.run(run()) == "cancelled"
    assert attempts == [1]


def test_a_cancelled_chunk_of_a_sub_flow_still_sees_who_it_is():
    child, flow = TriggerFlow(name="child"), TriggerFlow(name="f")
    seen, running, told = [], asyncio.Event(), asyncio.Event()

    @child.chunk
    async def waits(data):
        running.set()
        await told.wait()
        data.set_result(1)
        seen.append(data.chunk_name)

    child.to(waits)
    flow.to(child)

    async def run():
        execution = flow.create_execution(auto_close=False)
        started = asyncio.create_task(execution.async_start())
        await running.wait()
        await execution.async_cancel()
        told.set()
        await started

    asyncio.run(run())
    assert seen == ["waits"]


def test_a_snapshot_taken_after_the_timeout_is_of_the_end():
    flow = TriggerFlow(name="f")
    flow.to(flow.chunk("c")(lambda data: None))
    assert flow.start_execution(auto_close_timeout=0).save()["status"] == "completed"


def test_a_loaded_execution_goes_on_when_its_result_is_asked_for():
    flow = TriggerFlow(name="f")
    saved = []
    flow.to(flow.chunk("c")(lambda data: data.require_resource("host")(data)))

    def save(data):
        saved.append(execution.save())
        data.set_result(data.input)

    execution = flow.create_execution(auto_close=False, runtime_resources={"host": save})
    execution.start(5)
    restored = flow.create_execution(
        auto_close_timeout=0, runtime_resources={"host": lambda d: d.set_result(6)}
    )
    assert restored.load(saved[0]).get_result(timeout=1) == 6


def test_the_result_of_what_failed_is_its_error():
    flow = TriggerFlow(name="f")
    flow.to(flow.chunk("c")(lambda data: 1 / 0))
    execution = flow.create_execution()
    with pytest.raises(ZeroDivisionError):
        execution.start()
    with pytest.raises(ZeroDivisionError):
        execution.get_result()
