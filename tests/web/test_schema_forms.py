"""What is typed arrives as exactly what the schema says."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from flows.web.forms import SchemaForm, schema_form

ADDRESS = {
    "type": "object",
    "title": "Address",
    "properties": {"street": {"type": "string"}, "number": {"type": "integer"}, "gate": {"type": "boolean"}},
    "required": ["street"],
}
ORDER = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "count": {"type": "integer", "minimum": 1, "maximum": 10_000},
        "price": {"type": "number"},
        "paid": {"type": "boolean"},
        "size": {"enum": ["S", "M", 3, None]},
        "colour": {"enum": ["red", "green", "blue", "black", "white"]},
        "tags": {"type": "array", "items": {"enum": ["new", "old", 1]}},
        "day": {"type": "string", "format": "date"},
        "at": {"type": "string", "format": "date-time"},
        "mail": {"type": "string", "format": "email"},
        "ship_to": ADDRESS,
        "extra": {"type": "array", "items": {"type": "object"}},
    },
    "required": ["name", "count"],
}


def filled(schema: Any, typed: dict[str, Any], files: dict[str, Any] | None = None) -> SchemaForm:
    data = QueryDict(mutable=True)
    for key, value in typed.items():
        data.setlist(f"value.{key}" if key else "value", value if isinstance(value, list) else [value])
    return schema_form(schema, data, MultiValueDict({k: [v] for k, v in (files or {}).items()}))


def test_each_kind_of_field_gives_its_own_kind_of_json() -> None:
    form = filled(
        ORDER,
        {
            "name": " Ann\r\nLee ",
            "count": "12",
            "price": "12.5",
            "paid": "on",
            "size": "3",
            "colour": '"red"',
            "tags": ['"new"', "1"],
            "day": "2026-12-31",
            "at": "2026-12-31T17:00",
            "mail": "a@b.example",
            "ship_to.street": "High St",
            "ship_to.number": "7",
            "extra": '[{"a": 1.0}]',
        },
    )
    assert form.is_valid(), form.errors
    assert form.answer == {
        "name": " Ann\nLee ",
        "count": 12,
        "price": 12.5,
        "paid": True,
        "size": 3,
        "colour": "red",
        "tags": ["new", 1],
        "day": "2026-12-31",
        "at": "2026-12-31T17:00:00Z",
        "mail": "a@b.example",
        "ship_to": {"street": "High St", "number": 7, "gate": False},
        "extra": [{"a": 1.0}],
    }


def test_what_was_left_empty_is_absent() -> None:
    form = filled(ORDER, {"name": "Ann", "count": "1"})
    assert form.is_valid(), form.errors
    assert form.answer == {"name": "Ann", "count": 1, "paid": False, "tags": []}


def test_a_null_in_an_enumeration_arrives_as_null() -> None:
    form = filled(ORDER, {"name": "Ann", "count": "1", "size": "null"})
    assert form.is_valid()
    assert form.answer["size"] is None


def test_whole_numbers_in_a_number_field_stay_whole() -> None:
    form = filled({"properties": {"n": {"type": "number"}}}, {"n": "1240"})
    assert form.is_valid()
    assert json.dumps(form.answer) == '{"n": 1240}'


@pytest.mark.parametrize(
    "typed", ["1e999", "NaN", "Infinity", "9" * 5000, "9" * 30, "1,000", "0x10", "١٢", "--1", "\0"]
)
def test_numbers_that_json_cannot_carry_are_errors_at_their_field(typed: str) -> None:
    form = filled(
        {"properties": {"n": {"type": "integer"}, "x": {"type": "number"}}}, {"n": typed, "x": typed}
    )
    assert not form.is_valid()
    assert "value.n" in form.errors


def test_a_limit_is_said_in_words_next_to_the_field() -> None:
    form = filled(ORDER, {"name": "Ann", "count": "12400"})
    assert form.errors == {"value.count": ["Must be at most 10000."]}
    assert 'value="12400"' in str(form["value.count"])


def test_a_required_field_says_so() -> None:
    assert filled(ORDER, {"count": "1"}).errors == {"value.name": ["This is required."]}


def test_an_error_inside_a_group_stands_at_its_field() -> None:
    form = filled(ORDER, {"name": "Ann", "count": "1", "ship_to.number": "7"})
    assert form.errors == {"value.ship_to.street": ["This is required."]}


@pytest.mark.parametrize(
    "typed, said",
    [
        ('{"a": 1,}', "line 1"),
        ("[1,\n2,\n}", "line 3, column 1"),
        ("NaN", "NaN is not a JSON value"),
        ("[1e999]", "not a JSON number"),
        ('"\\ud800"', "surrogate"),
        ('"\\u0000"', "NUL"),
        ("9" * 5000, "too large"),
        ("[" * 100_000, "too large"),
        ("[" * 80 + "]" * 80, "deeper"),
        ("99999999999999999999", "64 bits"),
        ("\0", "Null characters"),
    ],
)
def test_bad_json_is_an_error_at_its_field_and_the_text_is_kept(typed: str, said: str) -> None:
    form = schema_form(None, QueryDict(mutable=True) | {"value": typed})
    assert not form.is_valid()
    assert said in form.errors["value"][0]
    assert form["value"].value() == typed


@pytest.mark.parametrize("typed", ["1", "1.5", '"text"', "true", "null", "[]", '{"a": [1, null]}'])
def test_the_json_editor_gives_what_was_typed(typed: str) -> None:
    form = filled(None, {"": typed})
    assert form.is_valid(), form.errors
    assert json.dumps(form.answer) == typed


def test_nothing_typed_where_any_json_will_do_is_null() -> None:
    form = filled(None, {"": ""})
    assert form.is_valid(), form.errors
    assert form.answer is None


def test_nul_in_text_is_an_error() -> None:
    assert "value.a" in filled({"properties": {"a": {"type": "string"}}}, {"a": "x\0y"}).errors


def test_a_schema_that_is_not_an_object_gets_one_field() -> None:
    form = filled({"type": "string", "minLength": 3}, {"": "ab"})
    assert form.errors == {"value": ["Must have at least 3 characters."]}
    assert filled({"type": "integer"}, {"": "5"}).is_valid()


def test_a_text_file_becomes_the_text() -> None:
    schema = {"properties": {"text": {"type": "string", "x-ui": {"widget": "file"}}}, "required": ["text"]}
    upload = SimpleUploadedFile("a.txt", "\ufeffGrüße\r\n".encode())
    form = filled(schema, {"text": ""}, {"value.text.file": upload})
    assert form.is_valid(), form.errors
    assert form.answer == {"text": "Grüße\n"}


@pytest.mark.parametrize(
    "content, said", [(b"\xff\xfe\x00", "UTF-8"), (b"a\0b", "NUL"), (b"a" * 200_001, "200,001")]
)
def test_a_file_that_is_no_text_or_too_large_is_an_error(content: bytes, said: str) -> None:
    schema = {"properties": {"text": {"type": "string", "x-ui": {"widget": "file"}}}}
    form = filled(schema, {"text": "kept"}, {"value.text.file": SimpleUploadedFile("a.bin", content)})
    assert said in form.errors["value.text"][0]
    assert "kept" in str(form["value.text"])


def test_defaults_and_the_given_value_are_shown() -> None:
    schema = {"properties": {"a": {"type": "integer", "default": 3}, "b": {"enum": ["x", "y"]}}}
    form = schema_form(schema, value={"b": "y"})
    assert (form["value.a"].value(), form["value.b"].value()) == (3, '"y"')
