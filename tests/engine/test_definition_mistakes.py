"""Mistakes in a definition are found when the flow is built, with the flow's name."""

import functools

import pytest

from flows import TriggerFlow
from flows.engine import DefinitionError


def step(data):
    return data.input


def other(data):
    return data.input


def yields(data):
    yield 1


async def yields_async(data):
    yield 1


class Steps:
    def method(self, data):
        return data.input + 1


def child(chunk=step):
    flow = TriggerFlow(name="child")
    flow.to(chunk)
    return flow


def closed_twice(flow):
    loop = flow.for_each().to(step)
    loop.end_for_each().to(other)
    loop.end_for_each().to(step)


def branch_after_the_end(flow):
    branch = flow.if_condition(step).to(other)
    branch.end_condition()
    branch.elif_condition(other)


def branch_after_a_forked_else(flow):
    branch = flow.match().case(1)
    branch.case_else()
    branch.case(2)


def collect_across_a_loop(flow):
    flow.to(step).collect("both", "outside")
    flow.for_each().to(other).collect("both", "inside").end_for_each()
    return flow.definition


def collect_across_two_loops(flow):
    for chunk in (step, other):
        flow.for_each().to(chunk).collect("both", chunk.__name__).end_for_each()
    return flow.definition


def collect_named_like_a_chunk(flow):
    flow.to(flow.chunk("collect.both")(step))
    flow.to(other).collect("both", "one")


def two_sorts_of_options(flow):
    flow.chunk("a", retries=1)(step)
    flow.chunk("a", retries=2)(step)


MISTAKES = {
    "comes twice": closed_twice,
    "is closed already": branch_after_the_end,
    "without a condition": branch_after_a_forked_else,
    "“collect.both”: is never full": collect_across_a_loop,
    "is never full": collect_across_two_loops,
    "cannot be told apart": collect_named_like_a_chunk,
    "two sorts of options": two_sorts_of_options,
    "each once": lambda flow: flow.when(["A", "A"]),
    "names of events, each": lambda flow: flow.when([]),
    "NUL": lambda flow: flow.when("a\0"),
    "not begin with": lambda flow: flow.when("$start"),
    "names of events and paths": lambda flow: flow.when(3),
    "not a state path": lambda flow: flow.when({"state": "a..b"}),
    "at .: nan": lambda flow: flow.match().case(float("nan")),
    "type object is not JSON": lambda flow: flow.match().case(object()),
    "yields; a chunk": lambda flow: flow.to(yields),
    "yields; a chunk returns": lambda flow: flow.to(yields_async),
    "not a function": lambda flow: flow.chunk("x")(3),
    "name is a text": lambda flow: flow.chunk(3)(step),
    "name is a text, not": lambda flow: flow.chunk("a\0")(step),
    "has a wrong path": lambda flow: flow.to_sub_flow(child(), capture={"input": "value..x"}),
    "has a wrong path.": lambda flow: flow.to_sub_flow(child(), write_back={"state": {"": "result"}}),
}


@pytest.mark.parametrize("problem", list(MISTAKES))
def test_a_mistake_is_found_when_the_flow_is_built(problem):
    with pytest.raises(DefinitionError, match=problem) as caught:
        MISTAKES[problem](TriggerFlow(name="refund"))
    assert caught.value.flow == "refund"


@pytest.mark.parametrize("name", [3, "a\0", "\ud800", ""])
def test_a_flow_is_named_by_text(name):
    with pytest.raises(DefinitionError, match="needs a name"):
        _ = TriggerFlow(name=name).definition


def test_a_method_may_stand_in_a_flow_twice():
    steps, flow = Steps(), TriggerFlow(name="f")
    flow.to(steps.method).to(steps.method).to(flow.chunk("end")(lambda data: data.set_result(data.input)))
    assert flow.start(1)["$final_result"] == 3


def test_a_partial_may_be_a_chunk():
    flow = TriggerFlow(name="f")
    flow.to(flow.chunk("set")(functools.partial(lambda name, data: data.set_state(name, 1), "a")))
    assert flow.start() == {"a": 1}


def damaged(change):
    flow = TriggerFlow(name="f")
    flow.chunk(step)
    flow.for_each(2).to_sub_flow(child(), capture={"input": "value"}).end_for_each()
    config = flow.get_flow_config()
    change(config["steps"])
    flow.load_flow_config(config)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda steps: steps[0].update(limit=0), "whole number from 1"),
        (lambda steps: steps[0].update(end=steps[1]["id"]), "is no end"),
        (lambda steps: steps[1].pop("sub_flow"), "has the sub flow None"),
        (lambda steps: steps[1].update(capture={"input": "elsewhere"}), "a source begins with"),
        (lambda steps: steps.append(steps[0]), "is there twice"),
    ],
)
def test_a_damaged_configuration_is_refused(change, problem):
    with pytest.raises(DefinitionError, match=problem):
        damaged(change)
