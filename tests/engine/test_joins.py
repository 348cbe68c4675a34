"""Batches, loops and branches with pauses in them, in every order of answers."""

import asyncio
import itertools
import json

import pytest

from flows import TriggerFlow


def ask(data):
    return data.pause_for(interrupt_id=f"ask {json.dumps(data.input)}")


def keep(data):
    data.append_state("kept", data.input)


def run(flow, value, order, *, reload=False):
    """Start, answer each id in `order` with itself in capitals, close; save and load between if wanted."""
    execution = flow.start_execution(value, auto_close=False)
    for key in order:
        if reload:
            saved = json.loads(json.dumps(execution.save()))
            execution = flow.create_execution(auto_close=False).load(saved)
        execution.continue_with(key, key.upper())
    return execution.close()


def two_branches():
    flow = TriggerFlow(name="batch")
    for name in "ab":
        flow.chunk(name)(lambda data, name=name: data.pause_for(interrupt_id=name))
    flow.batch("a", "b").to(keep)
    return flow


@pytest.mark.parametrize("reload", [False, True])
@pytest.mark.parametrize("order", list(itertools.permutations("ab")))
def test_batch_fires_once_with_every_answer_in_place(order, reload):
    assert run(two_branches(), None, order, reload=reload) == {"kept": [{"a": "A", "b": "B"}]}


@pytest.mark.parametrize("reload", [False, True])
@pytest.mark.parametrize("concurrency", [None, 2])
def test_for_each_with_pauses_collects_in_the_order_of_the_list(concurrency, reload):
    flow = TriggerFlow(name="each")
    flow.for_each(concurrency).to(ask).end_for_each().to(keep)
    order = ["ask 2", "ask 1", "ask 3"] if concurrency else ["ask 3", "ask 1", "ask 2"]
    assert run(flow, [1, 2, 3], order, reload=reload) == {"kept": [["ASK 1", "ASK 2", "ASK 3"]]}


def test_for_each_concurrency_bounds_what_waits():
    flow = TriggerFlow(name="bounded")
    flow.for_each(2).to(ask).end_for_each().to(keep)
    execution = flow.start_execution([1, 2, 3, 4], auto_close=False)
    assert set(execution.get_pending_interrupts()) == {"ask 1", "ask 2"}
    execution.continue_with("ask 2", "x")
    assert set(execution.get_pending_interrupts()) == {"ask 1", "ask 3"}


@pytest.mark.parametrize(("value", "collected"), [([], []), ("one", ["one"]), ([[1, 2]], [[1, 2]])])
def test_for_each_of_nothing_and_of_no_list(value, collected):
    flow = TriggerFlow(name="each")
    flow.for_each().end_for_each().to(keep)
    assert flow.start(value) == {"kept": [collected]}


@pytest.mark.parametrize("reload", [False, True])
def test_loops_in_loops_keep_their_branches_apart(reload):
    flow = TriggerFlow(name="nested")
    flow.for_each().for_each().to(ask).end_for_each().end_for_each().to(keep)
    order = ["ask 4", "ask 1", "ask 3", "ask 2"]
    assert run(flow, [[1, 2], [3, 4]], order, reload=reload) == {
        "kept": [[["ASK 1", "ASK 2"], ["ASK 3", "ASK 4"]]]
    }


@pytest.mark.parametrize(("amount", "way"), [(5, "small"), (50, "middle"), (500, "large")])
def test_if_takes_the_first_branch_that_is_true(amount, way):
    flow = TriggerFlow(name="if")

    def name(way):
        return flow.chunk(way)(lambda data: way)

    small = flow.chunk("is small")(lambda data: data.input < 10)
    middle = flow.chunk("is middle")(lambda data: data.input < 100)
    chain = flow.if_condition(small).to(name("small")).elif_condition(middle).to(name("middle"))
    chain.else_condition().to(name("large")).end_condition().to(keep)
    assert flow.start(amount) == {"kept": [way]}


def test_a_condition_hits_only_on_exactly_true_and_no_hit_passes_the_input_on():
    flow = TriggerFlow(name="truthy")
    flow.if_condition(flow.chunk("truthy")(lambda data: 1)).to(ask).end_condition().to(keep)
    assert flow.start("in") == {"kept": ["in"]}


def test_a_chunk_that_finishes_while_another_branch_waits_hands_on_its_output():
    flow = TriggerFlow(name="independent")
    flow.to(ask).to(keep)
    flow.to(flow.chunk("quick")(lambda data: "quick")).to(keep)
    execution = flow.start_execution("x", auto_close=False)
    assert execution.save()["state"] == {"kept": ["quick"]}
    assert execution.is_waiting()


def test_an_answer_goes_on_while_a_slow_branch_runs():
    async def story():
        flow = TriggerFlow(name="slow")
        answered, slow_runs = asyncio.Event(), asyncio.Event()

        async def slow(data):
            slow_runs.set()
            await answered.wait()
            return "slow"

        async def after(data):
            data.append_state("kept", data.input)
            answered.set()

        flow.to(ask).to(after)
        flow.to(slow).to(keep)
        execution = flow.create_execution()
        running = asyncio.create_task(execution.async_start("x"))
        await slow_runs.wait()
        await asyncio.wait_for(execution.async_continue_with('ask "x"', "answer"), 5)
        await running
        return await execution.async_close()

    assert asyncio.run(story()) == {"kept": ["answer", "slow"]}


def test_side_branch_leaves_the_chain_its_value():
    flow = TriggerFlow(name="side")
    double = flow.chunk("double")(lambda data: data.input * 2)
    flow.to(double).side_branch(flow.chunk("log")(lambda data: data.set_state("logged", data.input))).to(keep)
    assert flow.start(2) == {"kept": [4], "logged": 4}
