import asyncio

import pytest

from flows import TriggerFlow
from flows.engine import (
    AlreadyResolved,
    ChunkEnded,
    Execution,
    IllegalMove,
    PauseNotAllowed,
    PendingInterrupts,
    RequestReused,
    UnknownInterrupt,
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def ask(data):
    return data.pause_for(type="approval", interrupt_id="q")


def keep(data):
    data.set_state("kept", data.input)
    data.set_result(["done", data.input])


@pytest.fixture
def flow():
    flow = TriggerFlow(name="approval")
    flow.to(ask).to(keep)
    return flow


def test_start_refuses_a_pause_and_says_what_to_use(flow):
    with pytest.raises(PauseNotAllowed, match=r"create_execution.*start_execution"):
        flow.start("x")


def test_start_runs_to_the_end_and_returns_state_and_result():
    flow = TriggerFlow(name="plain")
    flow.to(keep)
    assert flow.start(3) == {"kept": 3, "$final_result": ["done", 3]}


def test_close_with_waiting_interrupts_raises_and_leaves_it_open(flow):
    execution = flow.start_execution("x", auto_close=False)
    with pytest.raises(PendingInterrupts) as caught:
        execution.close()
    assert caught.value.interrupt_ids == ("q",)
    execution.continue_with("q", 1)
    assert execution.close()["kept"] == 1


def test_close_can_cancel_what_waits(flow):
    execution = flow.start_execution("x", auto_close=False)
    assert execution.close(reason="no longer needed", pending_interrupts="cancel") == {}
    assert execution.status == "cancelled"
    with pytest.raises(AlreadyResolved, match="cancelled"):
        execution.continue_with("q", 1)


def test_closing_twice_returns_the_same_snapshot(flow):
    execution = flow.start_execution("x", auto_close=False)
    execution.continue_with("q", 1)
    assert execution.close() == execution.close() == {"kept": 1, "$final_result": ["done", 1]}
    assert execution.result == ["done", 1]


def test_auto_close_never_fires_while_an_interrupt_waits_and_restarts_from_zero(flow):
    clock = Clock()
    execution = Execution(flow.definition, auto_close_timeout=10, clock=clock)
    execution.start("x")
    clock.now = 1000
    assert execution.status == "waiting"
    execution.continue_with("q", 1)
    clock.now = 1009.9
    assert execution.status == "running"
    clock.now = 1010
    assert execution.status == "completed"
    with pytest.raises(IllegalMove):
        execution.emit("late")


def test_auto_close_without_a_timeout_never_fires(flow):
    clock = Clock()
    execution = Execution(flow.definition, auto_close_timeout=None, clock=clock)
    execution.start("x")
    execution.continue_with("q", 1)
    clock.now = 1e9
    assert execution.status == "running"


def test_unknown_interrupt_is_a_key_error_and_a_second_answer_says_who_and_when(flow):
    execution = flow.start_execution("x", auto_close=False)
    with pytest.raises(UnknownInterrupt) as unknown:
        execution.continue_with("other", 1)
    assert isinstance(unknown.value, KeyError)
    execution.continue_with("q", 1, actor="anna")
    with pytest.raises(AlreadyResolved, match="answered by anna at 20") as second:
        execution.continue_with("q", 2)
    assert isinstance(second.value, ValueError)
    assert execution.close()["kept"] == 1


def test_a_repeated_request_gets_the_first_result(flow):
    execution = flow.start_execution("x", auto_close=False)
    first = execution.continue_with("q", {"a": 1}, resume_request_id="r1", actor="anna")
    assert execution.continue_with("q", {"a": 1}, resume_request_id="r1") == first
    assert first["by"] == "anna"
    with pytest.raises(RequestReused):
        execution.continue_with("q", {"a": 2}, resume_request_id="r1")


def test_an_error_after_an_answer_keeps_the_answer_and_retry_goes_on():
    broken = [True]
    flow = TriggerFlow(name="fragile")

    def pay(data):
        if broken[0]:
            raise ConnectionError("bank is closed")
        data.set_state("paid", [data.input, data.attempt, data.idempotency_key == keys[0]])

    keys = []

    def note(data):
        keys.append(data.idempotency_key)

    @flow.chunk("pay")
    def pay_and_note(data):
        note(data)
        return pay(data)

    flow.to(ask).to("pay")
    execution = flow.start_execution("x", auto_close=False)
    with pytest.raises(ConnectionError, match="bank is closed"):
        execution.continue_with("q", "go")
    assert execution.status == "failed"
    broken[0] = False
    execution.retry()
    assert execution.close() == {"paid": ["go", 2, True]}


def test_cancel_drops_what_a_running_chunk_does_and_tells_it():
    told = []

    async def story():
        flow = TriggerFlow(name="cancelled")
        started, go_on = asyncio.Event(), asyncio.Event()

        async def slow(data):
            data.set_state("left", "over")
            started.set()
            await go_on.wait()
            told.append(data.is_cancelled)

        flow.to(slow)
        execution = flow.create_execution()
        task = asyncio.create_task(execution.async_start())
        await started.wait()
        await execution.async_cancel("enough")
        go_on.set()
        await task
        return execution.status, await execution.async_close()

    assert asyncio.run(story()) == ("cancelled", {})
    assert told == [True]


def test_plain_form_inside_an_event_loop_says_which_to_use(flow):
    async def story():
        flow.create_execution().start("x")

    with pytest.raises(RuntimeError, match="await the async_ form"):
        asyncio.run(story())


def test_a_chunk_that_raises_cancelled_error_has_failed():
    flow = TriggerFlow(name="f")

    async def gives_up(data):
        raise asyncio.CancelledError("enough")

    flow.to(gives_up)
    execution = flow.create_execution(auto_close=False)
    with pytest.raises(ChunkEnded, match="CancelledError: enough"):
        execution.start()
    assert execution.status == "failed"


@pytest.mark.parametrize("call", ["async_emit", "async_continue_with", "async_close", "async_get_result"])
def test_a_chunk_cannot_wait_for_its_own_execution(call):
    flow = TriggerFlow(name="f")
    arguments = {"async_emit": ["E"], "async_continue_with": ["q"]}.get(call, [])

    async def waits(data):
        await getattr(execution, call)(*arguments)

    flow.to(waits)
    execution = flow.create_execution(auto_close=False)
    with pytest.raises(IllegalMove, match="its own execution"):
        asyncio.run(asyncio.wait_for(execution.async_start(), 5))
