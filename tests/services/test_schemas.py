"""Schemas come from authors and answers from anybody: judging one by the other always ends."""

import time

import pytest

from flows.services.schemas import mistake_in, problems_of, same_json


def paths(instance, schema):
    return {problem.path for problem in problems_of(instance, schema)}


def test_what_is_missing_is_named_at_its_own_place():
    schema = {"properties": {"lines": {"items": {"required": ["price"]}}}}
    assert paths({"lines": [{"price": 1}, {}]}, schema) == {("lines", 1, "price")}


def test_messages_are_for_people():
    schema = {
        "properties": {"amount": {"type": "integer"}, "mail": {"format": "email"}},
        "required": ["name"],
    }
    said = {str(problem) for problem in problems_of({"amount": "x", "mail": "x"}, schema)}
    assert said == {
        "amount: Must be a whole number.",
        "mail: Is not a valid email.",
        "name: This is required.",
    }


@pytest.mark.parametrize(
    ("instance", "schema"),
    [
        ("a" * 5_000 + "!", {"pattern": "^(a+)+$"}),
        ({"a" * 5_000 + "!": 1}, {"patternProperties": {"^(a|a)*$": {}}, "additionalProperties": False}),
        ([{"a": number} for number in range(4_000)], {"uniqueItems": True}),
    ],
    ids=["pattern", "keys", "uniqueItems"],
)
def test_hostile_schemas_are_judged_in_no_time(instance, schema):
    began = time.monotonic()
    problems_of(instance, schema)
    assert time.monotonic() - began < 1


def test_equal_items_are_found_without_comparing_all_pairs():
    assert paths([{"a": 1, "b": 2}, {"b": 2, "a": 1}], {"uniqueItems": True}) == {()}
    assert not paths([1, True, "1"], {"uniqueItems": True})


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"pattern": "("},
        {"items": {"pattern": "(?=look)ahead"}},
        {"$ref": "https://example.com/schema.json"},
        {"$ref": "#"},
        {"properties": {"x": {"$ref": "#/$defs/gone"}}},
    ],
)
def test_a_schema_that_cannot_judge_is_called_a_mistake(schema):
    assert mistake_in(schema)


@pytest.mark.parametrize(
    "schema", [{"$ref": "https://example.com/schema.json"}, {"$ref": "#"}, {"pattern": "("}]
)
def test_what_such_a_schema_judges_is_refused_and_never_an_exception(schema):
    assert paths("x", schema) == {()}


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {"type": "object", "properties": {"a": {"type": "string", "pattern": "^[A-Z]{2}$"}}},
        {"$defs": {"n": {"type": "integer"}}, "properties": {"x": {"$ref": "#/$defs/n"}}},
    ],
)
def test_a_sound_schema_has_no_mistake(schema):
    assert mistake_in(schema) is None


def test_one_and_true_and_one_point_zero_are_three_values():
    assert same_json({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert not same_json(1, True)
    assert not same_json(1, 1.0)
