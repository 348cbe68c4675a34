"""Flows in flows, with pauses inside, in loops and batches, through saves and loads."""

import itertools
import json

import pytest

from flows import TriggerFlow
from flows.engine import DefinitionError, NeedsMigration


def keep(data):
    data.append_state("kept", data.input)


def asking(name="child"):
    """A flow that asks under its input's name and answers with a result."""
    flow = TriggerFlow(name=name)
    flow.to(flow.chunk("ask")(lambda data: data.pause_for(interrupt_id=data.input))).to(
        flow.chunk("finish")(lambda data: data.set_result({"answer": data.input}))
    )
    return flow


def reloaded(flow, execution):
    return flow.create_execution(auto_close=False).load(json.loads(json.dumps(execution.save())))


def test_its_interrupts_are_the_parents_and_its_result_goes_on():
    flow = TriggerFlow(name="parent")
    flow.to(asking()).to(keep)
    execution = reloaded(flow, flow.start_execution("q", auto_close=False))
    assert set(execution.get_pending_interrupts()) == {"q"}
    execution.continue_with("q", "yes")
    assert execution.close() == {"kept": [{"answer": "yes"}]}


@pytest.mark.parametrize("order", list(itertools.permutations("abc")))
@pytest.mark.parametrize("concurrency", [None, 3])
def test_11_a_sub_flow_in_a_loop_shows_each_of_its_interrupts(order, concurrency):
    flow = TriggerFlow(name="loop")
    flow.for_each(concurrency).to(asking()).end_for_each().to(keep)
    execution = flow.start_execution(["a", "b", "c"], auto_close=False)
    assert set(execution.get_pending_interrupts()) == {"a", "b", "c"}
    for key in order:
        execution = reloaded(flow, execution)
        execution.continue_with(key, key.upper())
    assert execution.close() == {"kept": [[{"answer": "A"}, {"answer": "B"}, {"answer": "C"}]]}


def test_sub_flows_in_sub_flows():
    outer = TriggerFlow(name="outer")
    outer.to(asking("inner")).to(outer.chunk("wrap")(lambda data: data.set_result(["outer", data.input])))
    flow = TriggerFlow(name="parent")
    flow.to(outer).to(keep)
    execution = flow.start_execution("q", auto_close=False)
    execution = reloaded(flow, execution)
    execution.continue_with("q", 1)
    assert execution.close() == {"kept": [["outer", {"answer": 1}]]}


def test_its_state_and_its_events_are_its_own():
    child = TriggerFlow(name="child")

    @child.chunk
    def sets(data):
        data.set_state("mine", 1)
        data.emit("Done", data.input)

    child.to(sets)
    child.when("Done").to(child.chunk("hears")(lambda data: data.set_state("heard", data.input)))
    flow = TriggerFlow(name="parent")
    flow.to(child).to(keep)
    flow.when("Done").to(flow.chunk("never")(lambda data: data.set_state("leaked", True)))
    assert flow.start("x") == {"kept": [{"mine": 1, "heard": "x"}]}


def test_capture_and_write_back_carry_what_they_name():
    child = TriggerFlow(name="child")

    @child.chunk
    def pay(data):
        data.set_state("paid", min(data.input, data.get_state("limit")))
        data.set_result({"ok": True})

    child.to(pay)
    flow = TriggerFlow(name="parent")
    flow.to(
        flow.chunk("prepare")(lambda data: data.set_state("limits.refund", 50) or {"amount": 80})
    ).to_sub_flow(
        child,
        capture={"input": "value.amount", "state": {"limit": "state.limits.refund"}},
        write_back={"value": "result.ok", "state": {"refund.paid": "state.paid"}},
    ).to(keep)
    assert flow.start() == {"limits": {"refund": 50}, "refund": {"paid": 50}, "kept": [True]}


def test_a_failure_inside_is_retried_inside():
    broken, child = [True], TriggerFlow(name="child")

    @child.chunk
    def fragile(data):
        if broken:
            raise OSError("down")
        data.set_result(data.attempt)

    child.to(fragile)
    flow = TriggerFlow(name="parent")
    flow.to(child).to(keep)
    execution = flow.create_execution(auto_close=False)
    with pytest.raises(OSError, match="down"):
        execution.start()
    execution = reloaded(flow, execution)
    broken.clear()
    execution.retry()
    assert execution.close() == {"kept": [2]}


def test_a_sub_flow_without_steps_is_left_at_once():
    flow = TriggerFlow(name="parent")
    flow.to(TriggerFlow(name="empty")).to(keep)
    assert flow.start("x") == {"kept": [{}]}


def test_a_sub_flow_that_is_built_on_later_is_taken_as_it_is_then():
    child, flow = TriggerFlow(name="child"), TriggerFlow(name="parent")
    flow.to(child).to(keep)
    before = flow.definition_hash
    child.to(child.chunk("late")(lambda data: data.set_result("late")))
    assert flow.definition_hash != before
    assert flow.start() == {"kept": ["late"]}


def test_a_waiting_step_that_is_gone_from_the_sub_flow_is_named():
    flow, changed = TriggerFlow(name="parent"), TriggerFlow(name="parent")
    flow.to(asking())
    changed.to(TriggerFlow(name="child"))
    saved = flow.start_execution("q", auto_close=False).save()
    with pytest.raises(NeedsMigration) as caught:
        changed.create_execution().load(saved)
    assert caught.value.missing == ("ask",)


def test_a_flow_cannot_contain_itself():
    flow = TriggerFlow(name="loop")
    flow.to(flow)
    with pytest.raises(DefinitionError, match="contains itself"):
        flow.create_execution()


@pytest.mark.parametrize(
    "options",
    [
        {"capture": {"inputs": "value"}},
        {"capture": {"input": "result"}},
        {"capture": {"state": {"a": 3}}},
        {"write_back": {"value": "value"}},
        {"write_back": {"state": "result"}},
    ],
)
def test_a_wrong_capture_or_write_back_is_refused_when_the_flow_is_built(options):
    with pytest.raises(DefinitionError, match="to_sub_flow"):
        TriggerFlow(name="parent").to_sub_flow(asking(), **options)
