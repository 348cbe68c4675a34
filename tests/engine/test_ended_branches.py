"""A branch that can no longer reach its join counts as null, so that nothing waits for ever."""

import pytest

from flows import TriggerFlow


def keep(data):
    data.append_state("kept", data.input)


def asks(flow, name, **target):
    return flow.chunk(name)(lambda data: data.pause_for(interrupt_id=f"{name} {data.input}", **target))


def test_a_branch_whose_answer_became_an_event_counts_as_null():
    flow = TriggerFlow(name="f")
    flow.batch(asks(flow, "a", resume_event="Said"), asks(flow, "b")).to(keep)
    execution = flow.start_execution(1, auto_close=False)
    execution.continue_with("a 1", "x")
    execution.continue_with("b 1", "y")
    assert execution.close() == {"kept": [{"a": None, "b": "y"}]}


@pytest.mark.parametrize("by", ["answer", "emit"])
def test_a_loop_of_events_goes_on_after_a_load(by):
    flow = TriggerFlow(name="f")
    flow.for_each().to(asks(flow, "a", resume_event="Said")).end_for_each().to(keep)
    execution = flow.start_execution([1, 2], auto_close=False)
    execution = flow.create_execution(auto_close=False).load(execution.save())
    if by == "emit":
        execution.emit("Said")
    else:
        execution.continue_with("a 1", "x")  # the other waits on the same event
    assert execution.close() == {"kept": [[None, None]]}


def test_a_branch_that_also_asks_otherwise_is_not_at_its_end():
    flow = TriggerFlow(name="f")

    @flow.chunk
    def both(data):
        data.pause_for(interrupt_id="event", resume_event="Said")
        return data.pause_for(interrupt_id="next")

    flow.for_each().to(both).end_for_each().to(keep)
    execution = flow.start_execution([1], auto_close=False)
    execution.continue_with("event", "x")
    execution.continue_with("next", "y")
    assert execution.close() == {"kept": [["y"]]}


def test_a_side_branch_that_is_skipped_leaves_the_value_of_the_main_branch():
    flow = TriggerFlow(name="f")
    fails = flow.chunk("fails")(lambda data: 1 / 0)
    flow.for_each().side_branch(fails).to(asks(flow, "a")).end_for_each().to(keep)
    execution = flow.start_execution([1], auto_close=False, skip_exceptions=True)
    execution.continue_with("a 1", "y")
    assert execution.close() == {"kept": [["y"]]}


def test_a_side_branch_may_be_skipped_after_its_join_is_done():
    flow = TriggerFlow(name="f")
    late = flow.chunk("late")(lambda data: 1 / 0)
    loop = flow.for_each()
    loop.to(flow.chunk("early")(lambda data: 1)).to(late)
    loop.end_for_each().to(keep)
    assert flow.start_execution([1], auto_close=False, skip_exceptions=True).close() == {"kept": [[1]]}


def test_a_collect_in_a_loop_that_is_never_full_counts_as_null():
    flow = TriggerFlow(name="f")
    loop = flow.for_each()
    loop.to(asks(flow, "a")).collect("both", "a")
    loop.to(asks(flow, "b", resume_event="Said")).collect("both", "b").end_for_each().to(keep)
    execution = flow.start_execution([1], auto_close=False)
    execution.continue_with("b 1", "x")
    execution.continue_with("a 1", "y")
    assert execution.close() == {"kept": [[None]]}
    assert "gathered" not in execution.save()


def test_an_emit_from_outside_resolves_who_waits_in_a_sub_flow():
    child = TriggerFlow(name="child")
    child.to(asks(child, "a", resume_event="Said"))
    child.when("Said").to(child.chunk("hears")(lambda data: data.set_result(data.input)))
    flow = TriggerFlow(name="f")
    flow.to(child).to(keep)
    execution = flow.start_execution(1, auto_close=False)
    execution.emit("Said", "x")
    assert execution.close() == {"kept": ["x"]}
