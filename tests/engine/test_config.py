"""A graph as data, and back."""

import copy
import json
from collections import Counter

import pytest
from hypothesis import given

from flows import TriggerFlow
from flows.engine import DefinitionError
from tests.engine import graphs


def chunks(flow):
    """Everything that `refund` below needs, registered by name."""
    for name in ("check", "ask", "pay", "log", "child step"):
        flow.chunk(name)(lambda data, name=name: data.append_state("ran", name))
    flow.chunk("is_small")(lambda data: True)
    return flow


def refund():
    child = TriggerFlow(name="child")
    child.to(child.chunk("child step")(lambda data: data.append_state("ran", "child step")))
    flow = chunks(TriggerFlow(name="refund"))
    chain = flow.to("check").if_condition("is_small").to("pay").else_condition().to("ask").end_condition()
    chain.side_branch("log").to_sub_flow(child, capture={"input": "value"}).match().case({"a": 1}).end_match()
    flow.when(["Paid", "Sent"]).batch("ask", "pay", concurrency=1).collect("all", "x")
    return flow


def test_a_flow_made_from_its_data_is_the_same():
    loaded = chunks(TriggerFlow()).load_json_flow(refund().get_json_flow())
    assert loaded.definition_hash == refund().definition_hash
    assert loaded.name == "refund"
    assert loaded.to_mermaid() == refund().to_mermaid()
    assert loaded.start(1) == refund().start(1) == {"ran": ["check", "pay", "log"]}


def test_yaml_is_the_same_as_json():
    pytest.importorskip("yaml")
    loaded = chunks(TriggerFlow()).load_yaml_flow(refund().get_yaml_flow())
    assert loaded.get_flow_config() == refund().get_flow_config()


@given(graphs.programs())
def test_any_graph_comes_back(program):
    flow = graphs.Builder("random", Counter()).build(graphs.numbered(program))
    config = json.loads(json.dumps(flow.get_flow_config()))
    loaded = TriggerFlow()
    for name in set(names_in(config)):
        loaded.chunk(name)(lambda data: None)
    assert loaded.load_flow_config(config).get_flow_config() == config


def names_in(config):
    for step in config["steps"]:
        yield from [step["chunk"]] if "chunk" in step else []
        yield from [c["chunk"] for c in step.get("conditions", []) if "chunk" in c]
        yield from names_in(step["sub_flow"]) if "sub_flow" in step else []


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda config: config["steps"][0].update(chunk="gone"), "no chunk has this name"),
        (lambda config: config["steps"][0].update(next=["nowhere"]), "leads to “nowhere”"),
        (lambda config: config["steps"][0].update(kind="magic"), "damaged"),
        (lambda config: config["steps"][0].pop("id"), "lacks a text “id”"),
        (lambda config: config["steps"][0].pop("chunk"), "has the chunk None"),
        (lambda config: config.update(starts=["nowhere"]), "a chain starts there"),
        (lambda config: config.pop("listeners"), "damaged"),
        (lambda config: config.update(steps=3), "damaged"),
    ],
)
def test_damage_is_named_and_changes_nothing(damage, problem):
    flow = refund()
    config = copy.deepcopy(flow.get_flow_config())
    damage(config)
    before = flow.definition_hash
    with pytest.raises(DefinitionError, match=problem):
        flow.load_flow_config(config)
    assert flow.definition_hash == before


def test_a_graph_that_leads_back_to_itself_is_refused():
    flow = TriggerFlow(name="round")
    flow.if_condition(flow.chunk("is")(lambda data: True)).to(
        flow.chunk("go")(lambda data: 1)
    ).end_condition()
    config = flow.get_flow_config()
    end = next(step for step in config["steps"] if step["kind"] == "relay")
    end["next"] = [end["id"]]
    with pytest.raises(DefinitionError, match="leads back to itself"):
        flow.load_flow_config(config)
