"""Lists of flat objects in a form: rows that come and go, and become JSON."""

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import Client

from flows.services.errors import Problem
from flows.web.forms import SchemaForm, schema_form
from flows.web.forms.rows import MAX_ROWS, edited
from tests.web.conftest import Ask

LINE = {
    "type": "object",
    "required": ["item"],
    "properties": {"item": {"type": "string"}, "price": {"type": "number"}, "gift": {"type": "boolean"}},
}
ORDER = {"type": "object", "properties": {"lines": {"type": "array", "title": "Lines", "items": LINE}}}


def form(schema: Any, text: str) -> SchemaForm:
    return schema_form(schema, QueryDict(text), {})


def test_rows_become_objects_in_their_order_whatever_their_ids() -> None:
    typed = (
        "value.lines.row=7&value.lines.row=2&value.lines.7.item=Chair&value.lines.7.price=5"
        "&value.lines.2.item=Table&value.lines.2.gift=on"
    )
    made = form(ORDER, typed)
    assert made.is_valid(), made.errors
    assert made.answer == {
        "lines": [{"item": "Chair", "price": 5, "gift": False}, {"item": "Table", "gift": True}]
    }


def test_rows_without_a_word_do_not_count_and_need_nothing() -> None:
    made = form(ORDER, "value.lines.row=0&value.lines.row=1&value.lines.1.item=Chair&value.lines.0.item=")
    assert made.is_valid(), made.errors
    assert made.answer == {"lines": [{"item": "Chair", "gift": False}]}
    empty = form(ORDER, "value.lines.row=0&value.lines.0.item=")
    assert (empty.is_valid(), empty.answer) == (True, {})
    needed = form({**ORDER, "required": ["lines"]}, "value.lines.row=0")
    assert (needed.is_valid(), needed.answer) == (True, {"lines": []})


def test_what_is_wrong_in_a_row_stands_at_its_field() -> None:
    made = form(ORDER, "value.lines.row=0&value.lines.row=5&value.lines.5.price=x")
    assert not made.is_valid()
    assert set(made.errors) == {"value.lines.5.item", "value.lines.5.price"}
    assert [c.label for c in made.complaints] == ["Lines 2, item", "Lines 2, price"]
    assert [c.target for c in made.complaints] == ["id_value.lines.5.item", "id_value.lines.5.price"]


def test_what_a_service_finds_in_an_item_stands_at_its_row() -> None:
    made = form(ORDER, "value.lines.row=3&value.lines.row=4&value.lines.4.item=Chair")
    assert made.is_valid()
    made.refuse([Problem(("lines", 0, "price"), "Too much."), Problem(("lines",), "Not these.")])
    assert made.errors == {"value.lines.4.price": ["Too much."], "value.lines": ["Not these."]}
    assert "Not these." in render_to_string("forms/_fields.html", {"form": made})


def test_too_few_and_too_many_are_said_at_the_list() -> None:
    few = {"properties": {"lines": {"type": "array", "items": LINE, "minItems": 2}}, "required": ["lines"]}
    made = form(few, "value.lines.row=0&value.lines.0.item=a")
    assert made.errors == {"value.lines": ["Must have at least 2 items."]}
    many = "&".join(f"value.lines.row={n}&value.lines.{n}.item=a" for n in range(MAX_ROWS + 5))
    assert form(ORDER, many).errors == {"value.lines": [f"At most {MAX_ROWS} rows can be taken here."]}


def test_a_given_value_is_shown_row_by_row() -> None:
    made = schema_form(ORDER, value={"lines": [{"item": "Chair"}, {"item": "Table", "price": 2.5}]})
    page = render_to_string("forms/_fields.html", {"form": made})
    assert page.index("Chair") < page.index("Table")
    assert 'value="2.5"' in page


def test_a_list_can_be_the_whole_answer() -> None:
    whole = {"type": "array", "items": LINE, "minItems": 1}
    assert len(schema_form(whole).lists[0].rows) == 1
    made = form(whole, "value.row=0&value.0.item=Chair")
    assert made.is_valid(), made.errors
    assert made.answer == [{"item": "Chair", "gift": False}]


def test_adding_and_removing_keeps_what_is_typed_and_judges_nothing() -> None:
    typed = "value.lines.row=0&value.lines.row=3&value.lines.0.price=x&value.lines.3.item=Table"
    more, new = edited(QueryDict(f"{typed}&rows=add:value.lines"))
    assert (more.getlist("value.lines.row"), new) == (["0", "3", "4"], 4)
    less, _ = edited(QueryDict(f"{typed}&rows=remove:value.lines:0"))
    assert less.getlist("value.lines.row") == ["3"]
    made = schema_form(ORDER, more, {})
    made.as_typed()
    page = render_to_string("forms/_fields.html", {"form": made})
    assert 'value="x"' in page
    assert "errorlist" not in page


@pytest.mark.parametrize(
    "operation", ["", "add", "remove", "add:nowhere", "remove:value.lines:x", "x:y:z", "\0"]
)
def test_an_odd_operation_changes_nothing_that_counts(as_fiona: Client, ask: Ask, operation: str) -> None:
    item = ask(type="human_input", response_schema=ORDER)
    response = as_fiona.post(f"/inbox/{item.pk}/answer/", {"rows": operation, "value.lines.row": "0"})
    assert response.status_code == 200


def test_the_start_form_of_a_flow_has_rows_too(as_fiona: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import registry

    found = registry.get("refund")
    changed = {**vars_of(found), "input_schema": ORDER}
    monkeypatch.setitem(registry._registrations, "refund", registry.Registration(**changed))
    page = as_fiona.post("/flows/refund/", {"rows": "add:value.lines", "value.lines.row": "0"})
    assert page.status_code == 200
    assert page.content.decode().count('name="value.lines.row"') == 2


def vars_of(found: Any) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__slots__}


# -- times ----------------------------------------------------------------------------------------
AT = {"properties": {"at": {"type": "string", "format": "date-time"}}}


@pytest.mark.parametrize(
    "typed, zone, instant",
    [
        ("2026-12-31T17:00", "UTC", "2026-12-31T17:00:00Z"),
        ("2026-12-31T17:00", "Europe/Berlin", "2026-12-31T16:00:00Z"),
        ("2026-07-01T17:00", "America/New_York", "2026-07-01T21:00:00Z"),
        ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30:00Z"),
        ("2026-12-31T17:00+05:00", "Europe/Berlin", "2026-12-31T17:00:00+05:00"),
    ],
)
def test_a_time_is_read_in_the_zone_of_the_form(typed: str, zone: str, instant: str) -> None:
    made = schema_form(AT, QueryDict(mutable=True) | {"value.at": typed}, {}, zone=ZoneInfo(zone))
    assert made.is_valid(), made.errors
    assert made.answer == {"at": instant}


def test_the_zone_that_the_form_was_drawn_in_wins_over_one_set_since() -> None:
    data = QueryDict(mutable=True) | {"value.at": "2026-12-31T17:00", "zone": "Asia/Tokyo"}
    made = schema_form(AT, data, {}, zone=UTC)
    assert made.is_valid()
    assert made.answer == {"at": "2026-12-31T08:00:00Z"}
    assert 'name="zone" value="Asia/Tokyo"' in render_to_string("forms/_fields.html", {"form": made})


@pytest.mark.parametrize(
    "typed, said",
    [("2026-03-29T02:30", "does not exist"), ("0001-01-01T00:00", "too far"), ("x", "Enter a date")],
)
def test_a_time_that_no_clock_shows_is_an_error(typed: str, said: str) -> None:
    made = schema_form(AT, QueryDict(mutable=True) | {"value.at": typed}, {}, zone=ZoneInfo("Europe/Berlin"))
    assert not made.is_valid()
    assert said in made.errors["value.at"][0]


@pytest.mark.parametrize(
    "typed, fits", [("https://a.example/x?y=1", True), ("mailto:a@b.c", True), ("a b", False), ("//x", False)]
)
def test_an_address_is_judged(typed: str, fits: bool) -> None:
    schema = {"properties": {"link": {"type": "string", "format": "uri"}}}
    assert schema_form(schema, {"value.link": typed}, {}).is_valid() is fits
