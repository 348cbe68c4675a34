import pytest

from flows import TriggerFlow
from flows.engine import DefinitionError, Execution, NeedsMigration, SnapshotMismatch


def ask(data):
    return data.pause_for(interrupt_id="q")


def commit(data):
    data.set_state("done", data.input)


def other(data):
    return data.input


def ids(flow):
    return list(flow.definition.steps)


def test_ids_come_from_names_and_places():
    flow = TriggerFlow(name="ids")
    flow.to(ask).to(commit).to(ask)
    flow.when("Paid").to(commit).to(other)
    assert ids(flow) == ["ask", "ask/commit", "ask#2", "Paid:commit", "Paid:commit/other"]


def test_an_unrelated_branch_before_renames_nothing():
    plain, more = TriggerFlow(name="f"), TriggerFlow(name="f")
    more.to(other).to(ask).to(commit)
    for flow in (plain, more):
        flow.to(ask).to(commit)
    assert set(ids(plain)) < set(ids(more))


def test_the_hash_covers_structure_and_no_code():
    def build(*chunks):
        flow = TriggerFlow(name="f")
        chain = flow
        for chunk in chunks:
            chain = chain.to(chunk)
        return flow.definition_hash

    def changed(data):
        return None

    changed.__name__ = "ask"
    assert build(ask, commit) == build(changed, commit) != build(commit, ask)


def mistakes():
    def two_functions(flow):
        flow.to(ask)
        flow.to(flow.chunk("ask")(commit))

    return {
        "two different functions": two_functions,
        "no chunk has this name": lambda flow: flow.to("missing"),
        "neither a chunk": lambda flow: flow.to(3),
        "lambda needs a name": lambda flow: flow.to(lambda data: 1),
        "has no .end_for_each": lambda flow: flow.for_each().to(ask) and flow.definition,
        "has no .end_condition": lambda flow: flow.if_condition(other).to(ask) and flow.definition,
        "end_for_each.. has no opener": lambda flow: flow.to(ask).end_for_each(),
        "end_condition.. has no opener": lambda flow: flow.for_each().to(ask).end_condition(),
        "branch without a condition": lambda flow: (
            flow.if_condition(other).else_condition().elif_condition(ask)
        ),
        "at least one": lambda flow: flow.batch(),
        "twice": lambda flow: flow.batch(ask, ask),
        "whole number from 1": lambda flow: flow.for_each(0),
        "names of events": lambda flow: flow.when(""),
    }


@pytest.mark.parametrize("problem", list(mistakes()))
def test_a_mistake_is_refused_when_the_flow_is_built_and_names_the_flow(problem):
    flow = TriggerFlow(name="refund")
    with pytest.raises(DefinitionError, match=problem) as caught:
        mistakes()[problem](flow)
    assert caught.value.flow == "refund"
    assert "“refund”" in str(caught.value)


def test_a_flow_without_a_name_is_refused_when_it_is_run():
    flow = TriggerFlow()
    flow.to(ask)
    with pytest.raises(DefinitionError, match="needs a name"):
        flow.create_execution()


def test_an_execution_keeps_the_definition_it_was_created_with():
    flow = TriggerFlow(name="grows")
    chain = flow.to(other)
    execution = flow.create_execution()
    chain.to(commit)
    execution.start(1)
    assert execution.close() == {}


def saved(*chunks):
    flow = TriggerFlow(name="f")
    chain = flow
    for chunk in chunks:
        chain = chain.to(chunk)
    return flow, flow.start_execution(auto_close=False).save()


def test_a_snapshot_whose_waiting_step_is_gone_is_refused_by_name():
    _, snapshot = saved(ask, commit)
    flow, _ = saved(other, commit)
    with pytest.raises(NeedsMigration, match="needs_migration") as caught:
        flow.create_execution().load(snapshot)
    assert caught.value.missing == ("ask",)


def test_a_step_that_nothing_stands_on_may_go():
    _, snapshot = saved(ask, commit)
    flow, _ = saved(ask, other)
    execution = flow.create_execution(auto_close=False).load(snapshot)
    execution.continue_with("q", 1)
    assert execution.close() == {}


@pytest.mark.parametrize("change", [{"flow": "another"}, {"format": 99}])
def test_a_foreign_snapshot_is_refused(change):
    flow, snapshot = saved(ask)
    with pytest.raises(SnapshotMismatch):
        Execution(flow.definition).load(snapshot | change)
