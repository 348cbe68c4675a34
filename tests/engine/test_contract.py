import importlib.util

import pytest
from pydantic import BaseModel

from flows import TriggerFlow
from flows.engine import ContractError
from flows.engine.contract import fits


class Order(BaseModel):
    name: str
    amount: int


def flow_with(**contract):
    flow = TriggerFlow(name="contract").set_contract(**contract)

    @flow.chunk
    def work(data):
        data.put_into_stream(data.input.get("stream", 1))
        data.set_result(data.input.get("result", "text"))

    flow.to(work)
    return flow


def test_what_fits_passes():
    flow = flow_with(initial_input=dict, stream=int, result=str)
    assert flow.start({}) == {"$final_result": "text"}


@pytest.mark.parametrize(
    ("contract", "value", "entrance"),
    [
        ({"initial_input": Order}, {"name": "x", "amount": "many"}, "initial_input"),
        ({"initial_input": list[int]}, {}, "initial_input"),
        ({"stream": int}, {"stream": "1"}, "stream"),
        ({"result": int | None}, {"result": "1"}, "result"),
    ],
)
@pytest.mark.parametrize("plainly", [False, True])
def test_what_does_not_fit_is_refused_where_it_is_given(contract, value, entrance, plainly, monkeypatch):
    if plainly:  # as on a machine without Pydantic, where models cannot be had
        if contract.get("initial_input") is Order:
            contract = {"initial_input": list}
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ContractError) as caught:
        flow_with(**contract).start(value)
    assert caught.value.entrance == entrance


def test_the_path_leads_to_the_mistake():
    with pytest.raises(ContractError, match=r"initial input, at \$.amount: ") as caught:
        flow_with(initial_input=Order).start({"name": "x", "amount": "many"})
    assert caught.value.path == ("amount",)


@pytest.mark.parametrize(
    ("value", "wanted", "fit"),
    [
        (1, int, True),
        (True, int, False),
        (1, float, True),
        (None, int | None, True),
        ([1, "x"], list[int], False),
        ({"a": 1}, dict[str, int], True),
        ({"a": "x"}, dict[str, int], False),
        ("x", str | int, True),
    ],
)
def test_plain_type_checks(value, wanted, fit):
    assert fits(value, wanted) is fit


def test_a_sub_flow_checks_what_comes_in():
    child = TriggerFlow(name="child").set_contract(initial_input=int)
    child.to(child.chunk("add")(lambda data: data.set_result(data.input + 1)))
    flow = TriggerFlow(name="parent")
    keep = flow.chunk("keep")(lambda data: data.append_state("kept", data.input))
    flow.for_each().to(child).end_for_each().to(keep)
    assert flow.start([1, 2]) == {"kept": [[2, 3]]}
    execution = flow.create_execution(auto_close=False)
    with pytest.raises(ContractError, match="initial input"):
        execution.start([1, "two"])
    loaded = flow.create_execution(auto_close=False).load(execution.save())
    with pytest.raises(ContractError):
        loaded.retry()
