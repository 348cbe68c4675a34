"""What an interrupt shows, to whom."""

import pytest

from flows.engine import Interrupt, Place
from flows.services import policies, questions


def interrupt(payload):
    place = Place(frame=0, scope=None, event="$start")
    return Interrupt(id="i", type="approval", payload=payload, step="ask", place=place, target="next")


@pytest.mark.parametrize(
    ("payload", "title"),
    [
        ({"title": " Refund ", "question": "Really?"}, "Refund"),
        ({"question": "First line\nsecond"}, "First line"),
        ({"title": "", "question": 5}, "refund: ask"),
        ({"title": "x" * 300}, "x" * 199 + "…"),
        (None, "refund: ask"),
        (["a list"], "refund: ask"),
    ],
)
def test_a_title_is_one_line(payload, title):
    assert questions.title_of(interrupt(payload), flow="refund") == title


def test_the_policy_names_the_audience():
    assert policies.audience_of({}) == ["*"]
    assert policies.audience_of({"users": ["leo"], "groups": ["Finance"]}) == ["u:leo", "g:Finance"]


def test_the_requester_is_left_out_unless_the_policy_says_otherwise():
    assert policies.excludes_requester({})
    assert not policies.excludes_requester({"exclude_requester": False})


def test_the_digest_covers_all_that_is_shown_and_no_order_of_keys():
    shown = {"type": "approval", "title": "T", "payload": {"a": 1, "b": 2}}
    digest = questions.digest_of(**shown)
    assert len(digest) == 64
    assert questions.digest_of(**shown | {"payload": {"b": 2, "a": 1}}) == digest
    for other in ({"type": "x"}, {"title": "x"}, {"payload": {}}, {"initial": 1}, {"response_schema": {}}):
        assert questions.digest_of(**shown | other) != digest
