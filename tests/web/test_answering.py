"""What becomes of an answer from the form."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from flows.models import Interrupt, Response
from flows.services import interrupts
from tests.web.conftest import Ask

AMOUNT = {
    "type": "object",
    "required": ["amount"],
    "properties": {"amount": {"type": "number", "title": "Amount", "maximum": 100}},
}


def send(client: Client, item: Interrupt, typed: dict[str, Any], *, htmx: bool = False) -> Any:
    headers = {"HX-Request": "true", "HX-Target": f"reading-{item.pk}"} if htmx else {}
    typed = {"digest": item.digest, "request_id": "r-1", **typed}
    return client.post(f"/inbox/{item.pk}/answer/", typed, headers=headers)


def test_an_approval_reaches_the_flow_as_typed(as_fiona: Client, ask: Ask, fiona: User) -> None:
    item = ask(response_schema=AMOUNT)
    response = send(as_fiona, item, {"decision": "approve", "comment": "Fine.", "value.amount": "99.5"})
    assert (response.status_code, response["Location"]) == (303, f"/inbox/{item.pk}/")
    stored = Response.objects.get(interrupt=item)
    assert stored.value == {
        "approved": True,
        "action": "approve",
        "comment": "Fine.",
        "data": {"amount": 99.5},
    }
    assert (stored.by, stored.door, stored.digest) == (fiona, "browser", item.digest)


def test_a_rejection_needs_no_data(as_fiona: Client, ask: Ask) -> None:
    item = ask(response_schema=AMOUNT)
    assert send(as_fiona, item, {"decision": "reject", "value.amount": "x"}).status_code == 303
    assert Response.objects.get().value["data"] == {}


def test_a_plain_question_takes_the_text_itself(as_fiona: Client, ask: Ask) -> None:
    item = ask(type="human_input")
    assert send(as_fiona, item, {"value": "Rotterdam\r\nplease"}).status_code == 303
    assert Response.objects.get().value == "Rotterdam\nplease"


@pytest.mark.parametrize("htmx", [False, True])
def test_an_error_stands_at_its_field_and_what_was_typed_stays(
    as_fiona: Client, ask: Ask, htmx: bool
) -> None:
    item = ask(response_schema=AMOUNT)
    typed = {"decision": "approve", "comment": "My long comment", "value.amount": "12400"}
    response = send(as_fiona, item, typed, htmx=htmx)
    page = response.content.decode()
    assert response.status_code == 422
    assert "Must be at most 100." in page
    assert 'value="12400"' in page
    assert 'aria-invalid="true"' in page
    assert "My long comment" in page
    assert ("<html" in page) is not htmx
    item.refresh_from_db()
    assert item.is_waiting


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"decision": "maybe"},
        {"decision": "approve", "comment": "x" * 10_001},
        {"decision": "approve", "comment": "a\0b"},
        {"decision": "approve", "value.amount": "1e999"},
        {"decision": "approve", "value.amount": "NaN"},
    ],
)
def test_bad_input_is_never_a_server_error(as_fiona: Client, ask: Ask, typed: dict[str, str]) -> None:
    item = ask(response_schema=AMOUNT)
    assert send(as_fiona, item, typed).status_code == 422
    assert not Response.objects.exists()


@pytest.mark.parametrize("odd", [{"request_id": "a\0b"}, {"request_id": "x" * 9000}, {"digest": "\0"}])
def test_odd_hidden_fields_are_refused(as_fiona: Client, ask: Ask, odd: dict[str, str]) -> None:
    assert send(as_fiona, ask(), {"decision": "approve", **odd}).status_code in (409, 422)
    assert not Response.objects.exists()


def test_who_comes_second_is_told_who_was_first_and_keeps_the_text(
    as_fiona: Client, ask: Ask, leo: User
) -> None:
    item = ask(audience=("g:Finance", "g:Legal"))
    answer = {"approved": False, "comment": "Too much"}
    interrupts.decide(interrupt_id=item.pk, answer=answer, by=leo)
    response = send(as_fiona, item, {"decision": "approve", "comment": "My own view"}, htmx=True)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Leo rejected this" in page
    assert "Too much" in page
    assert "My own view" in page
    assert "disabled" in page
    assert Response.objects.get().by == leo


def test_even_an_unreadable_second_answer_is_told_who_was_first(
    as_fiona: Client, ask: Ask, leo: User
) -> None:
    item = ask(audience=("g:Finance", "g:Legal"), response_schema=AMOUNT)
    interrupts.decide(interrupt_id=item.pk, answer={"approved": False}, by=leo)
    response = send(as_fiona, item, {"decision": "approve", "value.amount": "x"})
    assert response.status_code == 409
    assert "Leo rejected this" in response.content.decode()


def test_a_double_click_is_one_answer(as_fiona: Client, ask: Ask) -> None:
    item = ask()
    for _ in range(2):
        assert send(as_fiona, item, {"decision": "approve"}).status_code == 303
    assert Response.objects.count() == 1


def test_a_question_that_was_not_shown_cannot_be_answered(as_fiona: Client, ask: Ask) -> None:
    item = ask()
    response = send(as_fiona, item, {"decision": "approve", "digest": "0" * 64, "comment": "kept"})
    assert response.status_code == 409
    assert "kept" in response.content.decode()
    assert not Response.objects.exists()


def test_the_answer_is_shown_to_who_looks_later(as_fiona: Client, ask: Ask, leo: User) -> None:
    item = ask(audience=("g:Finance", "g:Legal"), response_schema=AMOUNT)
    answer = {"approved": True, "comment": "Seen it", "data": {"amount": 7}}
    interrupts.decide(interrupt_id=item.pk, answer=answer, by=leo)
    page = as_fiona.get(f"/inbox/{item.pk}/").content.decode()
    for text in ("Leo approved this", "Seen it", "Amount", ">7<", "What happened then"):
        assert text in page
    assert "data-closed" in as_fiona.get(f"/inbox/{item.pk}/outcome/").content.decode()
    assert '<form class="panel answer"' not in page


def test_after_an_answer_the_next_item_is_offered(as_fiona: Client, ask: Ask) -> None:
    other, item = ask(title="The other one"), ask(title="This one")
    page = send(as_fiona, item, {"decision": "approve"}, htmx=True).content.decode()
    assert f"/inbox/{other.pk}/" in page
    assert "The other one" in page


def test_without_a_session_nothing_is_sent_and_the_page_stays(client: Client, ask: Ask) -> None:
    response = send(client, ask(), {"decision": "approve"}, htmx=True)
    assert (response.status_code, response.content) == (401, b"")
    assert not Response.objects.exists()
