"""A snapshot goes on in a flow that was changed meanwhile, or is refused: it never runs a wrong step."""

import pytest

from flows import TriggerFlow
from flows.engine import NeedsMigration


def keep(data):
    data.append_state("kept", data.input)


def asks(flow, name="ask"):
    return flow.chunk(name)(lambda data: data.pause_for(interrupt_id=f"{name} {data.input}"))


def passes(flow, name):
    return flow.chunk(name)(lambda data: data.input)


def moved(before, after, value=1):
    """What was started in `before`, loaded into `after`."""
    saved = before.start_execution(value, auto_close=False).save()
    return after.create_execution(auto_close=False).load(saved)


def flow_of(build):
    flow = TriggerFlow(name="f")
    build(flow)
    return flow


def test_a_lower_limit_holds_after_a_load():
    before, after = (
        flow_of(lambda flow, n=n: flow.for_each(n).to(asks(flow)).end_for_each()) for n in (3, 1)
    )
    execution = moved(before, after, list(range(6)))
    execution.continue_with("ask 0")
    assert len(execution.get_pending_interrupts()) == 2


def test_a_collect_with_another_branch_waits_for_that():
    def build(*names):
        flow = TriggerFlow(name="f")
        for name in names:
            event = flow.when(name).to(passes(flow, f"got {name}")).collect("all", name)
        event.to(keep)
        return flow

    execution = build("A", "B").start_execution(auto_close=False)
    execution.emit("A", 1)
    execution = build("B", "C").create_execution(auto_close=False).load(execution.save())
    execution.emit("B", 2)
    assert execution.save()["state"] == {}
    execution.emit("C", 3)
    assert execution.close() == {"kept": [{"B": 2, "C": 3}]}


def test_a_step_that_left_its_loop_is_refused():
    before = flow_of(lambda flow: flow.for_each().to(asks(flow)).end_for_each().to(keep))
    after = flow_of(lambda flow: flow.for_each().to(keep).end_for_each().to(asks(flow)))
    with pytest.raises(NeedsMigration, match="for_each/ask"):
        moved(before, after, [1, 2])


def test_a_branch_that_is_gone_is_refused():
    before = flow_of(lambda flow: flow.batch(asks(flow, "a"), asks(flow, "b")))
    after = flow_of(lambda flow: flow.batch(asks(flow, "a"), asks(flow, "c")))
    with pytest.raises(NeedsMigration) as caught:
        moved(before, after)
    assert caught.value.missing == ("batch.b",)


def test_a_sub_flow_that_became_a_chunk_is_refused():
    child = TriggerFlow(name="child")
    child.to(asks(child))
    before = flow_of(lambda flow: flow.to(child))
    after = flow_of(lambda flow: flow.to(asks(flow, "child")))
    with pytest.raises(NeedsMigration) as caught:
        moved(before, after)
    assert caught.value.missing == ("child",)


@pytest.mark.parametrize("mode", ["hit_first", "hit_all"])
def test_cases_in_another_order_keep_their_steps(mode):
    def build(cases):
        flow = TriggerFlow(name="f")
        chain, ask = flow.match(mode), asks(flow)
        for case in cases:
            seen = flow.chunk(f"seen {case}")(lambda data, case=case: data.set_result(case))
            chain = chain.case(case).to(ask).to(seen)
        chain.end_match()
        return flow

    execution = moved(build(["a", "b"]), build(["c", "b", "a"]), "a")
    execution.continue_with("ask a")
    assert execution.close()["$final_result"] == "a"


def test_conditions_in_another_order_keep_their_steps():
    def build(*names):
        flow = TriggerFlow(name="f")
        chain, ask = flow.chain, asks(flow)
        for opener, name in zip((chain.if_condition, None), names, strict=True):
            holds = flow.chunk(name)(lambda data, name=name: data.input == name)
            seen = flow.chunk(f"seen {name}")(lambda data, name=name: data.set_result(name))
            chain = opener(holds) if opener else chain.elif_condition(holds)
            chain = chain.to(ask).to(seen)
        chain.end_condition()
        return flow

    execution = moved(build("small", "large"), build("large", "small"), "small")
    execution.continue_with("ask small")
    assert execution.close()["$final_result"] == "small"


def test_a_condition_that_became_a_chunk_is_refused():
    before = flow_of(lambda flow: flow.if_condition(passes(flow, "is it")).to(keep).end_condition())
    after = flow_of(lambda flow: flow.to(asks(flow, "if")))
    execution = before.create_execution(auto_close=False)
    execution._core.start(1)
    with pytest.raises(NeedsMigration):
        after.create_execution().load(execution.save())


def fork(flow, *names):
    """Branches that each end with the same chunk."""
    base, ask = flow.to(passes(flow, "base")), asks(flow)
    for name in names:
        base.to(flow.chunk(name)(lambda data, name=name: name)).to(ask)


def test_a_fork_before_ones_own_does_not_take_its_answer():
    before = flow_of(lambda flow: fork(flow, "x"))
    after = flow_of(lambda flow: fork(flow, "new", "x"))
    with pytest.raises(NeedsMigration, match="base/ask"):
        moved(before, after)


def test_a_fork_that_is_gone_does_not_hand_its_place_on():
    before = flow_of(lambda flow: fork(flow, "x", "y"))
    after = flow_of(lambda flow: fork(flow, "y"))
    with pytest.raises(NeedsMigration, match="base/ask"):
        moved(before, after)


def test_a_fork_behind_ones_own_changes_nothing():
    before = flow_of(lambda flow: fork(flow, "x"))
    execution = moved(before, flow_of(lambda flow: fork(flow, "x", "new")))
    execution.continue_with("ask x", "yes")
    assert execution.close() == {}


def test_a_step_of_that_name_in_front_is_noticed():
    def twice(flow):
        ask = asks(flow)
        flow.to(passes(flow, "a")).to(ask).to(passes(flow, "b")).to(ask)

    before, after = flow_of(lambda flow: flow.to(passes(flow, "a")).to(asks(flow))), flow_of(twice)
    moved(before, after)  # it is still the first one
    before = flow_of(lambda flow: flow.to(passes(flow, "a")).to(passes(flow, "b")).to(asks(flow)))
    with pytest.raises(NeedsMigration, match="a/ask"):
        moved(before, after)


def test_a_step_without_a_twin_may_move_within_its_chain():
    before = flow_of(lambda flow: flow.to(passes(flow, "a")).to(asks(flow)).to(keep))
    after = flow_of(lambda flow: flow.to(passes(flow, "a")).to(passes(flow, "new")).to(asks(flow)).to(keep))
    execution = moved(before, after)
    execution.continue_with("ask 1", "yes")
    assert execution.close() == {"kept": ["yes"]}
