"""Requests of other tools are recognised, and answered in their own shape; what only resembles one is not."""

from typing import Any

import pytest

from flows.engine import canonical_json
from flows.services import interrupts, questions
from flows.services.errors import InvalidAnswer
from flows.services.foreign import recognised
from tests.web.conftest import ask as ask_fixture

ask = ask_fixture
HITL = {
    "action_requests": [
        {"name": "send_mail", "args": {"to": "a@example.com"}, "description": "To Ann"},
        {"name": "delete", "args": {"row": 5}},
    ],
    "review_configs": [
        {"action_name": "send_mail", "allowed_decisions": ["approve", "edit", "reject"]},
        {"action_name": "delete", "allowed_decisions": ["approve", "reject"]},
    ],
}
AGENT_INBOX = {
    "action_request": {"action": "book", "args": {"day": "Monday"}},
    "config": {"allow_accept": True, "allow_edit": True, "allow_respond": True, "allow_ignore": True},
    "description": "Book a table",
}
MCP = {
    "message": "Who are you?",
    "requestedSchema": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
}
AIRFLOW = {"subject": "Publish?", "body": "The report", "options": ["Approve", "Reject"], "params": {"n": 5}}
CHOICE = {"subject": "Which?", "options": ["a", "b", "c"], "multiple": True, "defaults": ["a"]}
OPENAI = {
    "type": "mcp_approval_request",
    "id": "mcpr_1",
    "name": "roll",
    "arguments": '{"dice": "2d4"}',
    "server_label": "dmcp",
}
RESPONSE = {"type": "mcp_approval_response", "approval_request_id": "mcpr_1"}
YES, NO = {"approved": True}, {"approved": False, "comment": "No"}


def both(*decisions: dict[str, Any]) -> dict[str, Any]:
    return {"approved": True, "data": {"calls": list(decisions)}}


@pytest.mark.parametrize(
    "type, payload, answer, value",
    [
        (
            "approval",
            HITL,
            both(
                {"id": "0", "decision": "edit", "args": {"to": "b@example.com"}},
                {"id": "1", "decision": "reject", "comment": "Keep it"},
            ),
            {
                "decisions": [
                    {"type": "edit", "edited_action": {"name": "send_mail", "args": {"to": "b@example.com"}}},
                    {"type": "reject", "message": "Keep it"},
                ]
            },
        ),
        ("approval", HITL, YES, {"decisions": [{"type": "approve"}, {"type": "approve"}]}),
        ("approval", HITL, NO, {"decisions": [{"type": "reject", "message": "No"}] * 2}),
        ("approval", [AGENT_INBOX], YES, [{"type": "accept", "args": None}]),
        ("approval", AGENT_INBOX, NO, [{"type": "response", "args": "No"}]),
        ("approval", AGENT_INBOX, {"approved": False}, [{"type": "ignore", "args": None}]),
        (
            "approval",
            AGENT_INBOX,
            both({"id": "0", "decision": "edit", "args": {"day": "Friday"}}),
            [{"type": "edit", "args": {"action": "book", "args": {"day": "Friday"}}}],
        ),
        ("human_input", MCP, {"name": "Ann"}, {"action": "accept", "content": {"name": "Ann"}}),
        ("approval", MCP, {**YES, "data": {"name": "Ann"}}, {"action": "accept", "content": {"name": "Ann"}}),
        ("approval", MCP, NO, {"action": "decline"}),
        (
            "approval",
            AIRFLOW,
            {**YES, "data": {"n": 6}},
            {"chosen_options": ["Approve"], "params_input": {"n": 6}},
        ),
        ("approval", AIRFLOW, NO, {"chosen_options": ["Reject"], "params_input": {}}),
        ("human_input", CHOICE, {"chosen_options": ["b"]}, {"chosen_options": ["b"], "params_input": {}}),
        (
            "approval",
            OPENAI,
            YES,
            {**RESPONSE, "approve": True},
        ),
        (
            "approval",
            [OPENAI],
            NO,
            [
                {
                    "type": "mcp_approval_response",
                    "approval_request_id": "mcpr_1",
                    "approve": False,
                    "reason": "No",
                }
            ],
        ),
    ],
)
def test_the_answer_has_their_shape(ask: Any, type: str, payload: Any, answer: Any, value: Any) -> None:
    item = ask(payload, type=type)
    first = interrupts.decide(interrupt_id=item.pk, answer=answer, request_id="r")
    assert first.value == value
    assert interrupts.decide(interrupt_id=item.pk, answer=answer, request_id="r").pk == first.pk


@pytest.mark.parametrize(
    "type, payload, answer",
    [
        (
            "approval",
            HITL,
            both({"id": "0", "decision": "approve"}, {"id": "1", "decision": "edit", "args": {}}),
        ),
        ("human_input", MCP, {"name": 5}),
        ("approval", MCP, YES),
        ("human_input", CHOICE, {"chosen_options": ["z"]}),
        ("approval", AIRFLOW, {**YES, "data": {"m": 6}}),
    ],
)
def test_what_they_would_not_take_is_refused(ask: Any, type: str, payload: Any, answer: Any) -> None:
    with pytest.raises(InvalidAnswer):
        interrupts.decide(interrupt_id=ask(payload, type=type).pk, answer=answer)


def test_what_langchain_forbids_to_reject_is_not_rejected(ask: Any) -> None:
    config = [{"action_name": "delete", "allowed_decisions": ["approve"]}]
    item = ask({**HITL, "review_configs": config})
    with pytest.raises(InvalidAnswer, match="cannot be rejected"):
        interrupts.decide(interrupt_id=item.pk, answer=NO)


@pytest.mark.parametrize(
    "type, payload",
    [
        ("approval", None),
        ("approval", []),
        ("approval", {"action_requests": []}),
        ("approval", {"action_requests": [{"name": "x"}]}),
        ("approval", {"action_requests": [{"name": "x", "args": {}}] * 51}),
        ("human_input", HITL),
        ("approval", {"message": "x", "requestedSchema": {"type": "object", "properties": 5}}),
        ("approval", {"message": "x", "requestedSchema": {"type": "string"}}),
        ("approval", {"subject": "x", "options": ["a", "b"]}),
        ("human_input", {"subject": "x", "options": [1]}),
        ("approval", {**OPENAI, "arguments": "{"}),
        ("approval", {**OPENAI, "arguments": "[" * 100_000}),
        ("approval", [OPENAI, OPENAI]),
        ("approval", {**HITL, "proposed": []}),
        ("pause", MCP),
    ],
)
def test_what_only_resembles_a_format_is_not_taken_for_it(type: str, payload: Any) -> None:
    assert recognised(type, payload) is None


@pytest.mark.parametrize(
    "payload, title",
    [
        (HITL, "Run 2 tools"),
        (OPENAI, "Run roll"),
        (AIRFLOW, "Publish?"),
        (MCP, "Who are you?"),
        (AGENT_INBOX, "Run book"),
    ],
)
def test_it_has_a_title(payload: Any, title: str) -> None:
    class Asked:
        type, step = "approval", "ask"

    Asked.payload = canonical_json(payload)
    assert questions.title_of(Asked, flow="f") == title
