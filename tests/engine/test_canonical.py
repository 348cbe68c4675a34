import json
from collections import OrderedDict
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.engine import NotJSON, canonical_json, plain_json, restore_json

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
    | st.datetimes()
    | st.dates()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.uuids()
)
TAG_LIKE = st.sampled_from(["$datetime", "$date", "$decimal", "$uuid", "$object", "a"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TAG_LIKE | st.text("ab$"), inner, max_size=3),
    max_leaves=20,
)


EXAMPLES = 10_000 if settings.default.max_examples > 1_000 else 500  # the thorough profile


@given(VALUES)
@settings(max_examples=EXAMPLES)
def test_what_is_let_in_comes_back_equal_through_real_json(value):
    tagged = json.loads(json.dumps(canonical_json(value), allow_nan=False))
    back = restore_json(tagged)
    assert back == value
    assert type(back) is type(value)


class Size(StrEnum):
    SMALL = "small"


class Level(IntEnum):
    ONE = 1


@pytest.mark.parametrize("value", [Size.SMALL, Level.ONE, OrderedDict(a=1), datetime(2026, 1, 2, tzinfo=UTC)])
def test_equal_subclasses_come_back_as_the_plain_value(value):
    assert restore_json(canonical_json(value)) == value


REFUSED = [
    (float("nan"), "$"),
    ([1, float("inf")], "$[1]"),
    ({"a": {"b": "x\0y"}}, "$.a.b"),
    ({"a": ["\ud800"]}, "$.a[0]"),
    ({"k\0": 1}, "$"),
    ({1: 2}, "$"),
    ([2**63], "$[0]"),
    ((1, 2), "$"),
    ({"o": object()}, "$.o"),
    ({"s": {1, 2}}, "$.s"),
    ([b"bytes"], "$[0]"),
    (Decimal("NaN"), "$"),
]


@pytest.mark.parametrize(("value", "path"), REFUSED)
def test_what_json_cannot_carry_is_refused_with_its_path(value, path):
    with pytest.raises(NotJSON) as caught:
        canonical_json(value)
    assert caught.value.message.startswith(f"at {path}: ")


def nested(depth):
    value = 0
    for _ in range(depth):
        value = [value]
    return value


def test_depth_nodes_and_bytes_are_bounded():
    assert canonical_json(nested(64)) == nested(64)
    assert len(canonical_json(list(range(9_999)))) == 9_999
    assert len(canonical_json("x" * (256 * 1024 - 2))) == 256 * 1024 - 2
    for too_much in (nested(65), list(range(10_000)), "x" * (256 * 1024 - 1), "€" * 90_000):
        with pytest.raises(NotJSON):
            canonical_json(too_much)


def test_a_value_that_contains_itself_is_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(NotJSON, match="nested deeper"):
        canonical_json(loop)


def test_unknown_objects_are_never_asked_for_their_text():
    class Hostile:
        def __str__(self):
            raise AssertionError("str() was called")

        __repr__ = __str__

    with pytest.raises(NotJSON, match="of type Hostile"):
        canonical_json([Hostile()])


def test_the_copy_shares_nothing_with_the_original():
    original = {"a": [1]}
    tagged = canonical_json(original)
    restored = restore_json(tagged)
    original["a"].append(2)
    restored["a"].append(3)
    assert tagged == {"a": [1]}


def test_plain_json_shows_tags_as_their_text():
    value = {"at": date(2026, 1, 2), "id": UUID(int=1), "odd": {"$date": 5}}
    assert plain_json(canonical_json(value)) == {
        "at": "2026-01-02",
        "id": "00000000-0000-0000-0000-000000000001",
        "odd": {"$date": 5},
    }
