"""The shape of an answer for each kind of question, and the value that the flow receives."""

import pytest

from flows.engine import restore_json
from flows.services import errors, interrupts
from tests.durable import ask, reload, work
from tests.flows_for_tests.flows import ADDRESS

pytestmark = pytest.mark.django_db(transaction=True)


def received(interrupt, answer):
    interrupts.decide(interrupt_id=interrupt.pk, answer=answer)
    work()
    return restore_json(reload(interrupt.execution).result)


def problems(interrupt, answer):
    with pytest.raises(errors.InvalidAnswer) as refusal:
        interrupts.decide(interrupt_id=interrupt.pk, answer=answer)
    return {problem.path for problem in refusal.value.problems}


def test_an_approval_without_schema_takes_a_comment():
    assert received(ask(), {"approved": False, "comment": "No"}) == {
        "approved": False,
        "action": "reject",
        "comment": "No",
        "data": {},
    }


def test_an_approval_with_schema_needs_its_data_only_when_approved():
    assert problems(ask(response_schema=ADDRESS), {"approved": True}) == {("data",)}
    assert received(ask(response_schema=ADDRESS), {"approved": False, "data": {}})["data"] == {}
    assert received(ask(response_schema=ADDRESS), {"approved": True, "data": {"amount": 3}})["data"] == {
        "amount": 3
    }


def test_data_of_an_approval_is_judged_at_its_place():
    schema = {"$defs": {"N": {"type": "integer"}}, "properties": {"n": {"$ref": "#/$defs/N"}}}
    interrupt = ask(response_schema=schema)
    assert problems(interrupt, {"approved": True, "data": {"n": "x"}}) == {("data", "n")}
    assert problems(interrupt, {"approved": "yes", "data": {"n": 1}}) == {("approved",)}
    assert problems(interrupt, {"approved": True, "data": {"n": 1}, "extra": 1}) == {("extra",)}


def test_an_action_must_agree_with_the_decision():
    interrupt = ask()
    assert problems(interrupt, {"approved": True, "action": "reject"}) == {("action",)}
    assert problems(interrupt, {"approved": False, "action": "approve"}) == {("action",)}


def test_the_payloads_own_actions_are_the_ones_to_choose_from():
    interrupt = ask(payload={"actions": [{"id": "half", "label": "Half of it"}, {"id": "all"}]})
    assert problems(interrupt, {"approved": True, "action": "nothing"}) == {("action",)}
    assert received(interrupt, {"approved": True, "action": "half"})["action"] == "half"


def test_a_human_input_without_schema_is_text():
    assert problems(ask(type="human_input"), {"answer": "x"}) == {()}
    assert problems(ask(type="human_input"), "") == {()}
    assert received(ask(type="human_input"), "Ada") == "Ada"


def test_a_human_input_with_schema_is_exactly_the_instance():
    interrupt = ask(type="human_input", response_schema=ADDRESS)
    assert problems(interrupt, {"amount": 0, "note": 5}) == {("amount",), ("note",)}
    assert received(interrupt, {"amount": 2, "note": "n"}) == {"amount": 2, "note": "n"}


@pytest.mark.parametrize("answer", [None, True, 1, 1.5, "text", [1, [2]], {"a": {"b": None}}, {"$date": 5}])
def test_any_other_type_takes_any_json(answer):
    assert received(ask(type="webhook"), answer) == answer


def test_an_answer_comes_back_with_its_own_types():
    answer = {"one": 1, "real": 1.0, "true": True, "big": 2**63 - 1, "e": 1e22, "z": "z", "a": "ä\u2028"}
    got = received(ask(type="webhook"), answer)
    assert list(got) == list(answer)
    assert [type(value) for value in got.values()] == [type(value) for value in answer.values()]
    assert got == answer


@pytest.mark.parametrize(
    "value",
    ["a\0b", "\ud800", float("nan"), 2**64, object(), (1, 2)],
    ids=["nul", "surrogate", "nan", "big", "object", "tuple"],
)
def test_what_json_cannot_carry_is_refused_with_its_path(value):
    interrupt = ask(type="webhook")
    assert problems(interrupt, {"list": [0, {"deep": value}]}) == {("list", 1, "deep")}
    assert problems(ask(), {"approved": True, "comment": value if isinstance(value, str) else "\0"}) == {
        ("comment",)
    }


def test_too_much_is_refused():
    interrupt = ask(type="webhook")
    deep: list = []
    for _ in range(100):
        deep = [deep]
    assert problems(interrupt, deep)
    assert problems(interrupt, ["x" * 300_000]) == {()}
    assert problems(interrupt, [0] * 20_000)
    assert problems(ask(), {"approved": True, "comment": "x" * 10_001}) == {("comment",)}
