"""Branches that really run side by side, and what is saved of them meanwhile."""

import asyncio
import contextlib

import pytest

from flows import TriggerFlow
from flows.engine import DuplicateInterrupt


def keep(data):
    data.append_state("kept", data.input)


def test_branches_run_side_by_side():
    async def story():
        flow, both = TriggerFlow(name="meet"), asyncio.Barrier(2)

        async def meet(data):
            await both.wait()
            return data.chunk_name

        flow.batch(flow.chunk("a")(meet), flow.chunk("b")(lambda data: meet(data))).to(keep)
        return await asyncio.wait_for(flow.async_start(), 5)

    assert asyncio.run(story()) == {"kept": [{"a": "a", "b": "b"}]}


def test_concurrency_bounds_how_many_run_at_once():
    running, most = [0], [0]

    async def work(data):
        running[0] += 1
        most[0] = max(most[0], running[0])
        await asyncio.sleep(0)
        running[0] -= 1

    flow = TriggerFlow(name="bounded")
    flow.for_each().to(work).end_for_each()
    flow.start(list(range(10)), concurrency=3)
    assert most == [3]


def slow_beside_ask():
    """A flow whose `slow` waits to be let go, beside a question; what runs is saved as not yet run."""
    flow, started, go_on = TriggerFlow(name="beside"), asyncio.Event(), asyncio.Event()

    async def slow(data):
        started.set()
        await go_on.wait()
        return "slow"

    flow.to(flow.chunk("ask")(lambda data: data.pause_for(interrupt_id="q"))).to(keep)
    flow.to(slow).to(keep)
    return flow, started, go_on


def test_what_runs_is_saved_as_not_yet_run_and_is_not_called_waiting():
    async def story():
        flow, started, go_on = slow_beside_ask()
        execution = flow.create_execution()
        task = asyncio.create_task(execution.async_start())
        await started.wait()
        saved, status = execution.save(), execution.status
        go_on.set()
        await task
        restored = flow.create_execution(auto_close=False).load(saved)
        await restored.async_continue_with("q", "answer")
        return status, await restored.async_close()

    status, snapshot = asyncio.run(story())
    assert status == "running"
    assert sorted(snapshot["kept"]) == ["answer", "slow"]


def test_a_caller_that_gives_up_leaves_the_chunk_to_be_run_again():
    async def story():
        flow, started, go_on = slow_beside_ask()
        execution = flow.create_execution(auto_close=False)
        task = asyncio.create_task(execution.async_start())
        await started.wait()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        go_on.set()
        await execution.async_continue_with("q", "answer")
        return await execution.async_close()

    assert sorted(asyncio.run(story())["kept"]) == ["answer", "slow"]


def test_siblings_of_a_failed_chunk_finish_and_what_follows_waits_for_the_retry():
    broken = [True]

    async def story():
        flow, failed = TriggerFlow(name="siblings"), asyncio.Event()

        async def fails(data):
            if broken.pop() if broken else False:
                failed.set()
                raise OSError("down")
            return "mended"

        async def sibling(data):
            await failed.wait()
            data.set_state("sibling", "kept")
            return "sibling"

        flow.to(fails).to(keep)
        flow.to(sibling).to(keep)
        execution = flow.create_execution(auto_close=False)
        with pytest.raises(OSError, match="down"):
            await execution.async_start()
        assert execution.save()["state"] == {"sibling": "kept"}
        await execution.async_retry()
        return await execution.async_close()

    snapshot = asyncio.run(story())
    assert sorted(snapshot["kept"]) == ["mended", "sibling"]


def test_two_branches_that_pause_under_one_id_fail_and_the_first_keeps_waiting():
    async def story():
        flow, both = TriggerFlow(name="same"), asyncio.Barrier(2)

        async def ask(data):
            pause = data.pause_for(interrupt_id="q")
            await both.wait()
            return pause

        flow.to(ask)
        flow.to(ask)
        execution = flow.create_execution(auto_close=False)
        with pytest.raises(DuplicateInterrupt):
            await asyncio.wait_for(execution.async_start(), 5)
        return execution.status, set(execution.get_pending_interrupts())

    assert asyncio.run(story()) == ("failed", {"q"})


def test_a_branch_counts_once_in_its_join():
    flow = TriggerFlow(name="twice")

    @flow.chunk("asks two")
    def asks_two(data):
        data.pause_for(interrupt_id="one")
        data.pause_for(interrupt_id="two")

    flow.batch("asks two", flow.chunk("other")(lambda data: data.pause_for(interrupt_id="other"))).to(keep)
    execution = flow.start_execution(auto_close=False)
    for key in ("two", "one", "other"):
        execution.continue_with(key, key)
    assert execution.close() == {"kept": [{"asks two": "two", "other": "other"}]}
