"""Deciding together: the table, the answers of its rows, and what is told of each."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from flows.models import Interrupt, Response
from flows.services import interrupts
from tests.web.conftest import Ask

TABLE = "/inbox/together/"
FACTS = {"facts": [{"label": "Customer", "value": "Ann"}, {"label": "Sum", "value": 12.5}]}
AMOUNT = {
    "type": "object",
    "required": ["amount"],
    "properties": {"amount": {"type": "number", "title": "Amount", "minimum": 1}},
}


def table_of(client: Client, *items: Interrupt, query: str = "") -> str:
    ids = "&".join(f"id={item.pk}" for item in items)
    return client.get(f"{TABLE}?{ids}{query}").content.decode()


def form_of(page: str) -> dict[str, Any]:
    """What a browser would send of the table's form."""
    fields: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page):
        fields.setdefault(name, []).append(value.replace("&quot;", '"'))
    return {name: fields[name] for name in ("shape", "request_id", "column", "row") if name in fields}


def send(client: Client, page: str, decision: str = "approve", **more: Any) -> Any:
    headers = more.pop("headers", None)
    return client.post(TABLE, form_of(page) | {"decision": decision} | more, headers=headers)


def results(page: str) -> list[str]:
    return re.findall(r'data-result="(\w+)"', page)


def test_the_table_shows_the_facts_of_each_and_links_to_it(as_fiona: Client, ask: Ask) -> None:
    first = ask({"title": "One", **FACTS}, title="One", flow="unknown")
    second = ask({"title": "Two"}, title="Two", flow="unknown")
    page = table_of(as_fiona, first, second)
    assert re.findall(r'<th scope="col"[^>]*>([^<]+)', page) == ["Question", "Customer", "Sum", "This row"]
    assert f'href="/inbox/{first.pk}/" target="_blank"' in page
    assert page.count('class="own"') == 2


def test_columns_are_those_that_the_flow_declares(as_fiona: Client, ask: Ask) -> None:
    payload = {
        "title": "One",
        "facts": [{"label": "Other", "value": 1}, {"label": "Customer", "value": "Ann"}],
    }
    page = table_of(as_fiona, ask(payload, flow="refund"))
    assert re.findall(r'<th scope="col"[^>]*>([^<]+)', page) == ["Question", "Customer", "This row"]


def test_each_shape_has_a_table_of_its_own(as_fiona: Client, ask: Ask) -> None:
    plain = [ask(title=f"Plain {n}") for n in range(2)]
    other = ask(title="Other", response_schema=AMOUNT)
    page = table_of(as_fiona, *plain, other)
    assert page.count('class="own"') == 2
    key = re.findall(r"shape=(\w+)", page)[1]
    page = table_of(as_fiona, *plain, other, query=f"&shape={key}")
    assert page.count('class="own"') == 1
    assert "Amount" in page


def test_limits_that_differ_are_still_one_shape(as_fiona: Client, ask: Ask) -> None:
    schemas = [AMOUNT | {"properties": {"amount": {"type": "number", "maximum": n}}} for n in (5, 10)]
    items = [ask(title=f"Up to {n}", response_schema=s) for n, s in enumerate(schemas)]
    page = table_of(as_fiona, *items)
    assert page.count('class="own"') == 2
    page = send(as_fiona, page, **{"value.amount": "7"}).content.decode()
    assert results(page) == ["refused", "done"]
    assert Response.objects.get().value["data"] == {"amount": 7}


def test_each_row_gets_what_it_proposes_or_all_get_the_same(as_fiona: Client, ask: Ask) -> None:
    items = [ask(title=f"R{n}", response_schema=AMOUNT, initial={"amount": n}) for n in (5, 6)]
    page = table_of(as_fiona, *items)
    assert "As each row proposes" in page
    send(as_fiona, page, takes="proposed")
    assert [Response.objects.get(interrupt=i).value["data"]["amount"] for i in items] == [5, 6]
    more = [ask(title=f"S{n}", response_schema=AMOUNT, initial={"amount": n}) for n in (7, 8)]
    page = send(as_fiona, table_of(as_fiona, *more), takes="same", **{"value.amount": ""})
    assert page.status_code == 422
    send(as_fiona, table_of(as_fiona, *more), takes="same", **{"value.amount": "3"})
    assert [Response.objects.get(interrupt=i).value["data"]["amount"] for i in more] == [3, 3]


def test_rows_may_be_decided_differently_or_left_out(as_fiona: Client, ask: Ask) -> None:
    one, two, three = (ask(title=name) for name in ("One", "Two", "Three"))
    exceptions = {f"do.{two.pk}": "reject", f"why.{two.pk}": "Too much", f"do.{three.pk}": "leave"}
    page = send(as_fiona, table_of(as_fiona, one, two, three), comment="Fine", **exceptions).content.decode()
    said = {r.interrupt_id: r.value for r in Response.objects.all()}
    assert said[one.pk]["comment"] == "Fine"
    assert (said[two.pk]["action"], said[two.pk]["comment"]) == ("reject", "Too much")
    assert three.pk not in said
    assert results(page) == ["done", "done"]
    assert "1 approved, 1 rejected" in page


def test_what_somebody_else_answered_meanwhile_is_said_beside_its_row(
    as_fiona: Client, ask: Ask, leo: User
) -> None:
    one, two, three = (ask(title=name, audience=("g:Finance", "g:Legal")) for name in ("One", "Two", "Three"))
    page = table_of(as_fiona, one, two, three)
    interrupts.decide(interrupt_id=two.pk, answer={"approved": False}, by=leo)
    Interrupt.objects.filter(pk=three.pk).update(audience=["g:Legal"])
    page = send(as_fiona, page).content.decode()
    assert results(page) == ["done", "refused", "refused"]
    assert f"{leo.get_full_name()} answered this already" in page
    assert "Three" not in page


def test_a_row_that_is_not_the_one_shown_is_refused(as_fiona: Client, ask: Ask) -> None:
    item = ask()
    page = table_of(as_fiona, item).replace(item.digest, "0" * 64)
    assert results(send(as_fiona, page).content.decode()) == ["refused"]
    assert not Response.objects.exists()


def test_sent_again_it_gives_the_first_results(as_fiona: Client, ask: Ask) -> None:
    items = [ask(title=f"R{n}") for n in range(3)]
    page = table_of(as_fiona, *items)
    assert send(as_fiona, page).status_code == 200
    assert results(send(as_fiona, page).content.decode()) == ["done"] * 3
    assert Response.objects.count() == 3


def test_what_cannot_be_decided_together_is_said(as_fiona: Client, ask: Ask) -> None:
    call = {"id": "1", "name": "send_mail", "args": {"to": "ann@example.com"}}
    typed = {"actions": [{"id": "erase", "style": "destructive", "confirm": "ERASE"}]}
    calls = ask({"title": "Calls", "proposed": [call]}, title="Calls")
    page = table_of(as_fiona, calls, ask({"title": "Typed", **typed}, title="Typed"))
    assert "2 to answer singly" in page
    assert 'class="own"' not in page
    forged = as_fiona.post(TABLE, {"shape": "x", "row": f"{calls.pk}:", "decision": "approve"})
    assert forged.status_code == 409
    assert not Response.objects.exists()


def test_destructive_answers_need_their_number_typed_once(as_fiona: Client, ask: Ask) -> None:
    actions = {"actions": [{"id": "erase", "style": "destructive"}, {"id": "keep"}]}
    items = [ask({"title": f"R{n}", **actions}, title=f"R{n}") for n in range(3)]
    page = table_of(as_fiona, *items)
    spared = {f"do.{items[0].pk}": "keep"}
    asked = send(as_fiona, page, "erase", **spared)
    assert asked.status_code == 422
    assert "Type <code>2</code>" in asked.content.decode()
    wrong = send(as_fiona, page, "erase", confirmed="1", confirmation="3", **spared)
    assert wrong.status_code == 422
    assert not Response.objects.exists()
    send(as_fiona, page, "erase", confirmed="1", confirmation="2", **spared)
    assert sorted(r.value["action"] for r in Response.objects.all()) == ["erase", "erase", "keep"]


def test_a_part_without_confirmation_erases_nothing(as_fiona: Client, ask: Ask) -> None:
    actions = {"actions": [{"id": "erase", "style": "destructive"}, {"id": "keep"}]}
    page = table_of(as_fiona, ask({"title": "R", **actions}, title="R"))
    told = send(as_fiona, page, "erase", step="part", batch="0", headers={"HX-Request": "true"})
    assert results(told.content.decode()) == ["refused"]
    assert not Response.objects.exists()


def test_a_required_reason_is_asked_for_once(as_fiona: Client, ask: Ask) -> None:
    payload = {"title": "R", "actions": [{"id": "reject", "reason": "required", "reasons": ["Late"]}]}
    page = table_of(as_fiona, ask(payload, title="R"), ask(payload, title="R"))
    assert send(as_fiona, page, "reject").status_code == 422
    send(as_fiona, page, "reject", **{"reason.0": "0"})
    assert {r.value["comment"] for r in Response.objects.all()} == {"Late"}


def test_all_that_match_are_chosen_beyond_the_page(as_fiona: Client, ask: Ask) -> None:
    for number in range(60):
        ask(title=f"Refund {number}")
    ask(title="Release", flow="release")
    assert as_fiona.get(f"{TABLE}count/?q=refund").content == b"60"
    page = as_fiona.get(f"{TABLE}?all=1&q=refund&id=x").content.decode()
    assert page.count('class="own"') == 60
    assert page.count("data-part=") == 2
    assert results(send(as_fiona, page).content.decode()) == ["done"] * 60


@pytest.mark.parametrize("sort", ["newest", "oldest", "due", "priority"])
def test_they_come_in_the_order_of_the_list(as_fiona: Client, ask: Ask, sort: str) -> None:
    for number in range(3):
        ask(title=f"Refund {number}", priority=number)
    page = as_fiona.get(f"{TABLE}?all=1&sort={sort}").content.decode()
    listed = as_fiona.get(f"/inbox/?sort={sort}").content.decode()
    assert re.findall(r'auto">(Refund \d)<', page) == re.findall(r'auto">(Refund \d)<', listed)


def test_all_of_them_are_taken_back_together(as_fiona: Client, ask: Ask) -> None:
    items = [ask(title=f"R{n}", undo_seconds=60) for n in range(3)]
    page = send(as_fiona, table_of(as_fiona, *items)).content.decode()
    assert "3 approved" in page
    ids = re.findall(r'name="ids" value="([^"]+)"', page)[0]
    page = as_fiona.post(f"{TABLE}undo/", {"ids": ids}).content.decode()
    assert "3 taken back" in page
    assert page.count('class="own"') == 3
    assert not Response.objects.exists()
    page = as_fiona.post(f"{TABLE}undo/", {"ids": ids}).content.decode()
    assert "3 could not be taken back" in page


def test_the_queries_of_the_table_do_not_grow_with_its_rows(
    as_fiona: Client, ask: Ask, django_assert_max_num_queries
) -> None:
    for number in range(120):
        ask({"title": f"R{number}", **FACTS}, title=f"R{number}", response_schema=AMOUNT)
    with django_assert_max_num_queries(9):
        assert as_fiona.get(f"{TABLE}?all=1").content.count(b'class="own"') == 120


def test_strangers_see_and_decide_nothing(client: Client, ask: Ask, stranger: User) -> None:
    item = ask()
    client.force_login(stranger)
    assert b'class="own"' not in client.get(f"{TABLE}?id={item.pk}").content
    assert client.post(TABLE, {"row": f"{item.pk}:{item.digest}", "decision": "approve"}).status_code == 409
    assert not Response.objects.exists()


def test_rows_of_the_list_can_be_chosen_without_scripts(as_fiona: Client, ask: Ask) -> None:
    item = ask()
    page = as_fiona.get("/inbox/?sort=oldest").content.decode()
    assert f'name="id" value="{item.pk}" form="choosing"' in page
    assert 'id="choosing" method="get" action="/inbox/together/"' in page
    assert 'name="id"' not in as_fiona.get("/inbox/?view=done").content.decode()


def test_where_several_have_to_approve_it_says_so_and_can_be_taken_back(as_fiona: Client, ask: Ask) -> None:
    policy = {"groups": ["Finance"], "quorum": 2}
    items = [ask(title=f"R{n}", policy=policy, undo_seconds=60) for n in range(2)]
    page = send(as_fiona, table_of(as_fiona, *items)).content.decode()
    assert results(page) == ["done", "done"]
    assert "2 wait for others" in page
    ids = re.findall(r'name="ids" value="([^"]+)"', page)[0]
    assert "2 taken back" in as_fiona.post(f"{TABLE}undo/", {"ids": ids}).content.decode()
