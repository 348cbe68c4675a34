"""when on several events and on the state, and collect."""

import itertools

import pytest

from flows import TriggerFlow
from flows.engine import DefinitionError, IllegalMove


def keep(data):
    data.append_state("kept", data.input)


def started(flow):
    flow.to(flow.chunk("nothing")(lambda data: None))
    return flow.start_execution(auto_close=False)


def reloaded(flow, execution):
    return flow.create_execution(auto_close=False).load(execution.save())


@pytest.mark.parametrize("order", list(itertools.permutations("ABC")))
def test_and_waits_for_every_event_across_saves_and_loads(order):
    flow = TriggerFlow(name="and")
    flow.when(["A", "B", "C"]).to(keep)
    execution = started(flow)
    for event in order:
        assert execution.save()["state"] == {}
        execution = reloaded(flow, execution)
        execution.emit(event, event.lower())
    assert execution.close() == {"kept": [{"event": {"A": "a", "B": "b", "C": "c"}}]}


def test_and_starts_anew_once_it_has_fired():
    flow = TriggerFlow(name="again")
    flow.when(["A", "B"]).to(keep)
    execution = started(flow)
    for number, event in enumerate("AABAB"):
        execution.emit(event, number)
    assert execution.close() == {"kept": [{"event": {"A": 1, "B": 2}}, {"event": {"A": 3, "B": 4}}]}


@pytest.mark.parametrize(
    ("mode", "kept"), [("or", [["event", "A", 1], ["event", "B", 2]]), ("simple_or", [1, 2])]
)
def test_or_fires_for_each(mode, kept):
    flow = TriggerFlow(name="or")
    flow.when(["A", "B"], mode=mode).to(keep)
    execution = started(flow)
    execution.emit("A", 1)
    execution.emit("B", 2)
    assert execution.close() == {"kept": kept}


def test_a_change_of_the_state_is_an_event():
    flow = TriggerFlow(name="state")
    flow.to(flow.chunk("sets")(lambda data: data.set_state("order.total", data.input)))
    flow.when({"state": "order.total"}, mode="or").to(keep)
    flow.when({"event": "Paid", "state": ["order.total"]}).to(keep)
    execution = flow.start_execution(3, auto_close=False)
    execution.emit("Paid", "cash")
    assert execution.close()["kept"] == [
        ["state", "order.total", 3],
        {"event": {"Paid": "cash"}, "state": {"order.total": 3}},
    ]


def test_an_emit_before_the_start_and_one_of_the_engines_own_are_refused():
    flow = TriggerFlow(name="refused")
    flow.to(keep)
    with pytest.raises(IllegalMove):
        flow.create_execution().emit("A")
    with pytest.raises(ValueError, match="does not begin with"):
        started(flow).emit("$state.x")


def collecting():
    flow = TriggerFlow(name="collect")
    for name in ("legal", "finance"):
        ask = flow.chunk(name)(lambda data, name=name: data.pause_for(interrupt_id=name))
        chain = flow.to(ask).collect("answers", name)
    chain.to(keep)
    return flow


@pytest.mark.parametrize("order", [("legal", "finance"), ("finance", "legal")])
def test_collect_hands_on_once_every_branch_is_filled(order):
    flow = collecting()
    execution = flow.start_execution(auto_close=False)
    for key in order:
        assert execution.save()["state"] == {}
        execution = reloaded(flow, execution)
        execution.continue_with(key, key.upper())
    assert execution.close() == {"kept": [{"legal": "LEGAL", "finance": "FINANCE"}]}


@pytest.mark.parametrize(
    ("problem", "mistake"),
    [
        ("has the modes", lambda flow: flow.when(["A", "B"], mode="xor")),
        ("event and state", lambda flow: flow.when({"events": "A"})),
        ("event and state", lambda flow: flow.when({})),
        ("names of events", lambda flow: flow.when([])),
        ("names of events", lambda flow: flow.when("$start")),
        ("twice", lambda flow: (flow.to(keep).collect("c", "a"), flow.to(keep).collect("c", "a"))),
        ("two names", lambda flow: flow.to(keep).collect("c", "")),
    ],
)
def test_mistakes_name_the_flow(problem, mistake):
    with pytest.raises(DefinitionError, match=problem):
        mistake(TriggerFlow(name="events"))
