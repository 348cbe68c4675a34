"""No schema, however odd, makes a page fail: what has no field of its own gets the JSON editor."""

from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string

from flows.web.forms import schema_form

HOSTILE: list[Any] = [
    {},
    True,
    {"type": "object"},
    {"type": "nonsense"},
    {"type": ["string", "integer", "null"]},
    {"type": ["null", "null"]},
    {"properties": {"a": True, "b": 5, "c": None}},
    {"properties": []},
    {"properties": {"a": {"type": "string"}}, "required": ["b"]},
    {"properties": {"a": {"type": "string"}}, "required": "a"},
    {"properties": {"a": {"$ref": "#/$defs/none"}}},
    {"properties": {"a": {"$ref": "https://elsewhere.example/s.json"}}},
    {"$ref": "#"},
    {"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
    {"properties": {"a": {"enum": []}, "b": {"enum": [[], {}, None, "", 1, True]}}},
    {"properties": {"a": {"oneOf": [{"const": 1}, {"const": "1"}]}}},
    {"properties": {"a": {"type": "string", "pattern": "("}}},
    {"properties": {"a": {"type": "string", "maxLength": "x", "default": {"not": "text"}}}},
    {"properties": {"a": {"type": "array", "items": {"enum": ["x"]}, "default": "x"}}},
    {"properties": {"a": {"type": "string", "format": "date", "default": 7}}},
    {"properties": {"": {"type": "string"}, "a.b": {"type": "string"}, "a b\"'<": {"type": "string"}}},
    {"properties": {"csrfmiddlewaretoken": {"type": "string"}, "request_id": {"type": "string"}}},
    {"properties": {"a": {"type": "string", "x-ui": "file"}}, "x-ui": {"order": [1, {}]}},
    {"properties": {"a": {"type": "string", "x-ui": {"widget": ["file"], "order": "first"}}}},
    {"properties": {"a": {"type": "string", "format": ["date"]}, "b": {"type": "string", "title": 5}}},
    {"anyOf": [{"type": "null"}, 5]},
    {"allOf": [{"properties": {"a": {"type": "string"}}}]},
]


@pytest.mark.parametrize("schema", HOSTILE, ids=str)
@pytest.mark.parametrize("typed", ["", "x", "{}", "1"])
def test_any_schema_can_be_drawn_and_sent(schema: Any, typed: str) -> None:
    names = list(schema_form(schema).fields)
    form = schema_form(schema, QueryDict(mutable=True) | dict.fromkeys(names, typed), {})
    form.is_valid()
    assert names
    assert "<" in render_to_string("forms/_fields.html", {"form": form})


def test_names_of_properties_never_collide_with_each_other_or_with_ours() -> None:
    schema = {
        "properties": {
            "a.b": {"type": "string"},
            "a": {"type": "object", "properties": {"b": {"type": "string"}}},
            "a~2e~b": {"type": "string"},
        }
    }
    assert len(schema_form(schema).fields) == 3


def test_texts_of_the_flow_are_escaped() -> None:
    evil = "<script>alert(1)</script>"
    sub = {
        "type": "string",
        "title": evil,
        "description": evil,
        "x-ui": {"placeholder": evil},
        "default": evil,
    }
    choice = {"enum": [evil, "b"], "title": evil}
    nested = {"type": "object", "title": evil, "description": evil, "properties": {evil: sub}}
    schema = {"properties": {evil: sub, "c": choice, "n": nested}}
    assert "<script" not in render_to_string("forms/_fields.html", {"form": schema_form(schema)})


def test_errors_are_tied_to_their_field() -> None:
    form = schema_form(
        {"properties": {"n": {"type": "integer", "description": "How many"}}}, {"value.n": "x"}, {}
    )
    page = render_to_string("forms/_fields.html", {"form": form})
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_value.n_helptext id_value.n_error"' in page
    assert 'id="id_value.n_error"' in page


def test_order_and_widget_hints_are_followed() -> None:
    schema = {
        "properties": {
            "b": {"type": "string", "x-ui": {"order": 2, "widget": "textarea"}},
            "a": {"type": "string", "x-ui": {"order": 1, "help": "Look twice", "placeholder": "Ann"}},
        }
    }
    form = schema_form(schema)
    assert list(form.fields) == ["value.a", "value.b"]
    assert "<textarea" in str(form["value.b"])
    assert 'placeholder="Ann"' in str(form["value.a"])
    assert form["value.a"].help_text == "Look twice"
