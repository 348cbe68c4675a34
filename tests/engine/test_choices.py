"""match and its cases."""

import pytest

from flows import TriggerFlow
from flows.engine import DefinitionError


def keep(data):
    data.append_state("kept", data.input)


def says(flow, text):
    return flow.chunk(text)(lambda data: text)


def by_size(mode, *, otherwise=True):
    flow = TriggerFlow(name="match")
    chain = flow.match(mode).case(5).to(says(flow, "five"))
    chain = chain.case(flow.chunk("is small")(lambda data: data.input < 10)).to(says(flow, "small"))
    if otherwise:
        chain = chain.case_else().to(says(flow, "other"))
    chain.end_match().to(keep)
    return flow


@pytest.mark.parametrize(("value", "taken"), [(5, "five"), (6, "small"), (50, "other")])
def test_hit_first_takes_the_first_case_that_hits(value, taken):
    assert by_size("hit_first").start(value) == {"kept": [taken]}


@pytest.mark.parametrize(("value", "taken"), [(5, ["five", "small"]), (6, ["small"]), (50, ["other"])])
def test_hit_all_takes_every_case_that_hits_and_gives_a_list(value, taken):
    assert by_size("hit_all").start(value) == {"kept": [taken]}


@pytest.mark.parametrize("mode", ["hit_first", "hit_all"])
def test_no_hit_and_no_else_passes_the_input_on(mode):
    assert by_size(mode, otherwise=False).start(50) == {"kept": [50]}


def test_true_is_not_one():
    flow = TriggerFlow(name="bool")
    flow.match().case(1).to(says(flow, "one")).case(True).to(says(flow, "true")).end_match().to(keep)
    assert flow.start(True) == {"kept": ["true"]}
    assert flow.start(1) == {"kept": ["one"]}


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_pauses_in_hit_all_are_collected_in_the_order_of_the_cases(order):
    flow = TriggerFlow(name="pauses")
    always = flow.chunk("always")(lambda data: True)
    chain = flow.match("hit_all")
    for name in "ab":
        ask = flow.chunk(f"ask {name}")(lambda data, name=name: data.pause_for(interrupt_id=name))
        chain = chain.case(always).to(ask)
    chain.end_match().to(keep)
    execution = flow.start_execution(auto_close=False)
    for key in order:
        execution = flow.create_execution(auto_close=False).load(execution.save())
        execution.continue_with(key, key.upper())
    assert execution.close() == {"kept": [["A", "B"]]}


@pytest.mark.parametrize(
    ("problem", "mistake"),
    [
        ("modes hit_first, hit_all", lambda flow: flow.match("some")),
        ("needs a .case", lambda flow: flow.match().end_match()),
        ("followed by .case", lambda flow: flow.match().to(keep)),
        ("without a condition", lambda flow: flow.match().case(1).case_else().case(2)),
        ("end_match.. has no opener", lambda flow: flow.to(keep).end_match()),
        ("case|end_match", lambda flow: flow.to(keep).case(1)),
        ("has no .end_match", lambda flow: flow.match().case(1).to(keep) and flow.definition),
        ("end_condition.. has no opener", lambda flow: flow.match().case(1).to(keep).end_condition()),
    ],
)
def test_mistakes_name_the_flow(problem, mistake):
    with pytest.raises(DefinitionError, match=problem) as caught:
        mistake(TriggerFlow(name="match"))
    assert "“match”" in str(caught.value)
