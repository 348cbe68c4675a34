"""Each proposed tool call is decided by itself, and judged before anything is saved."""

from typing import Any

import pytest

from flows.models import Response
from flows.services import interrupts
from flows.services.calls import MOST_CALLS, calls_of
from flows.services.errors import AlreadyClosed, InvalidAnswer
from tests.web.conftest import ask as ask_fixture

ask = ask_fixture
MAIL = {"type": "object", "required": ["to"], "properties": {"to": {"type": "string", "format": "email"}}}
PROPOSED = [
    {"id": "m", "name": "send_mail", "args": {"to": "ann@example.com"}, "args_schema": MAIL},
    {"id": "d", "name": "delete", "args": {"row": 5}, "allowed": ["approve", "reject"]},
]


def decide(item: Any, calls: Any, **more: Any) -> Any:
    answer = {"approved": True, "data": {"calls": calls}} | more
    return interrupts.decide(interrupt_id=item.pk, answer=answer).value


def test_each_call_has_its_own_decision(ask: Any) -> None:
    edited = {"id": "m", "decision": "edit", "args": {"to": "bob@example.com"}}
    value = decide(ask({"proposed": PROPOSED}), [{"id": "d", "decision": "reject", "comment": "No"}, edited])
    assert value["data"]["calls"] == [
        {
            "id": "m",
            "name": "send_mail",
            "decision": "edit",
            "args": {"to": "bob@example.com"},
            "comment": None,
        },
        {"id": "d", "name": "delete", "decision": "reject", "args": None, "comment": "No"},
    ]


def test_an_approved_call_has_the_args_that_were_shown(ask: Any) -> None:
    approved = [
        {"id": "m", "decision": "approve", "args": {"to": "evil@example.com"}},
        {"id": "d", "decision": "reject"},
    ]
    value = decide(ask({"proposed": PROPOSED}), approved)
    assert value["data"]["calls"][0]["args"] == {"to": "ann@example.com"}


def test_approving_without_more_approves_every_call(ask: Any) -> None:
    item = ask({"proposed": PROPOSED})
    value = interrupts.decide(interrupt_id=item.pk, answer={"approved": True}).value
    assert [call["decision"] for call in value["data"]["calls"]] == ["approve", "approve"]


def test_rejecting_rejects_all_of_it(ask: Any) -> None:
    item = ask({"proposed": PROPOSED})
    assert interrupts.decide(interrupt_id=item.pk, answer={"approved": False}).value["data"] == {}


@pytest.mark.parametrize(
    "calls, path",
    [
        (5, "data.calls"),
        ([], "data.calls"),
        ([5], "data.calls.0"),
        ([{"id": "x", "decision": "approve"}], "data.calls.0"),
        ([{"id": "d", "decision": "approve"}] * 2, "data.calls.1"),
        ([{"id": "d", "decision": "edit", "args": {}}], "data.calls.0.decision"),
        ([{"id": "m", "decision": "edit"}], "data.calls.0.args"),
        ([{"id": "m", "decision": "edit", "args": {}}], "data.calls.0.args.to"),
        ([{"id": "m", "decision": "edit", "args": {"to": "nobody"}}], "data.calls.0.args.to"),
        ([{"id": "m", "decision": ["edit"]}], "data.calls.0.decision"),
        ([{"id": "m", "decision": "approve", "comment": 5}], "data.calls.0.comment"),
        ([{"id": "m", "decision": "approve", "odd": 5}], "data.calls.0.odd"),
    ],
)
def test_a_wrong_decision_is_refused_at_its_place(ask: Any, calls: Any, path: str) -> None:
    item = ask({"proposed": PROPOSED})
    with pytest.raises(InvalidAnswer) as caught:
        decide(item, calls)
    assert path in [".".join(map(str, problem.path)) for problem in caught.value.problems]
    assert not Response.objects.exists()


def test_calls_stand_beside_the_data_of_a_strict_schema(ask: Any) -> None:
    schema = {
        "type": "object",
        "required": ["n"],
        "properties": {"n": {"type": "integer"}},
        "additionalProperties": False,
    }
    item = ask({"proposed": PROPOSED[1:]}, response_schema=schema)
    with pytest.raises(InvalidAnswer, match=r"data\.n: This is required"):
        decide(item, [{"id": "d", "decision": "approve"}])
    answer = {"approved": True, "data": {"n": 1, "calls": [{"id": "d", "decision": "approve"}]}}
    assert interrupts.decide(interrupt_id=item.pk, answer=answer).value["data"]["n"] == 1


def test_the_same_request_gets_its_first_result(ask: Any) -> None:
    item = ask({"proposed": PROPOSED[1:]})
    answer = {"approved": True, "data": {"calls": [{"id": "d", "decision": "approve"}]}}
    first = interrupts.decide(interrupt_id=item.pk, answer=answer, request_id="r")
    assert interrupts.decide(interrupt_id=item.pk, answer=answer, request_id="r").pk == first.pk
    with pytest.raises(AlreadyClosed):
        interrupts.decide(interrupt_id=item.pk, answer=answer, request_id="other")


@pytest.mark.parametrize(
    "proposed",
    [
        None,
        5,
        [],
        [5],
        [{}],
        [{"name": 5}],
        [{"name": "a", "args": 5}],
        [{"name": "a", "id": "1"}, {"name": "b", "id": "1"}],
        [{"name": "a"}] * (MOST_CALLS + 1),
    ],
)
def test_what_is_not_understood_proposes_nothing(proposed: Any) -> None:
    assert calls_of({"proposed": proposed}) == ()


def test_nobody_edits_by_a_broken_schema() -> None:
    (call,) = calls_of({"proposed": [{"name": "a", "args_schema": {"type": "nonsense"}}]})
    assert call.allowed == ("approve", "reject")
