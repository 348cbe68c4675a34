"""Proposed calls are cards in the form; each is approved, edited in typed fields, or rejected."""

from typing import Any

import pytest
from django.test import Client

from flows.models import Response
from tests.services.foreign.test_formats import HITL
from tests.services.test_calls import PROPOSED
from tests.web.conftest import Ask
from tests.web.test_answering import send

DECIDED = {
    "decision": "approve",
    "call-0-decision": "approve",
    "call-1-decision": "reject",
    "call-1-comment": "Why?",
}


def test_a_card_shows_what_is_proposed_and_what_may_be_done(as_fiona: Client, ask: Ask) -> None:
    page = as_fiona.get(f"/inbox/{ask({'proposed': PROPOSED}).pk}/").content.decode()
    assert page.count('<fieldset class="call"') == 2
    assert 'name="call-0.to" value="ann@example.com"' in page.replace('type="email" ', "")
    assert page.count('value="edit"') == 1
    assert "send_mail" in page


def test_decisions_reach_the_flow(as_fiona: Client, ask: Ask) -> None:
    item = ask({"proposed": PROPOSED})
    edited = {**DECIDED, "call-0-decision": "edit", "call-0.to": "bob@example.com"}
    assert send(as_fiona, item, edited).status_code == 303
    assert [
        (c["decision"], c["args"], c["comment"]) for c in Response.objects.get().value["data"]["calls"]
    ] == [
        ("edit", {"to": "bob@example.com"}, None),
        ("reject", None, "Why?"),
    ]


@pytest.mark.parametrize(
    "typed, told",
    [
        ({"decision": "approve", "call-0-decision": "approve"}, "Decide what happens to this call."),
        ({**DECIDED, "call-0-decision": "edit", "call-0.to": "nobody"}, "Is not a valid email."),
        ({**DECIDED, "call-1-decision": "edit"}, "Select a valid choice."),
        ({**DECIDED, "call-1-comment": "x" * 3000}, "at most 2000 characters"),
    ],
)
def test_an_error_stands_at_its_card(as_fiona: Client, ask: Ask, typed: dict[str, str], told: str) -> None:
    response = send(as_fiona, ask({"proposed": PROPOSED}), typed)
    assert response.status_code == 422
    assert told in response.content.decode()
    assert not Response.objects.exists()


def test_rejecting_all_needs_no_decisions(as_fiona: Client, ask: Ask) -> None:
    assert send(as_fiona, ask({"proposed": PROPOSED}), {"decision": "reject"}).status_code == 303


def test_a_single_call_needs_one_click_only(as_fiona: Client, ask: Ask) -> None:
    page = as_fiona.get(f"/inbox/{ask({'proposed': PROPOSED[:1]}).pk}/").content.decode()
    assert page.count("checked") == 1


def test_another_tools_request_is_shown_and_its_answer_too(as_fiona: Client, ask: Ask) -> None:
    item = ask(HITL)
    assert "To Ann" in as_fiona.get(f"/inbox/{item.pk}/").content.decode()
    send(as_fiona, item, DECIDED)
    assert Response.objects.get().value["decisions"][1] == {"type": "reject", "message": "Why?"}
    assert "You approved this" in as_fiona.get(f"/inbox/{item.pk}/").content.decode()


def test_fields_are_guessed_from_arguments_without_a_schema(as_fiona: Client, ask: Ask) -> None:
    args: dict[str, Any] = {"n": 5, "on": True, "text": "x", "deep": {"a": [1]}}
    item = ask({"proposed": [{"name": "t", "args": args}]})
    assert 'type="number" name="call-0.n" value="5"' in as_fiona.get(f"/inbox/{item.pk}/").content.decode()
    typed = {"call-0.n": "6", "call-0.text": "y", "call-0.deep": '{"a": []}'}
    send(as_fiona, item, {"decision": "approve", "call-0-decision": "edit", **typed})
    (call,) = Response.objects.get().value["data"]["calls"]
    assert call["args"] == {"n": 6, "on": False, "text": "y", "deep": {"a": []}}
