"""A payload is shown well where it is known, and as a tree where it is not; never as markup of its own."""

from typing import Any

import pytest
from django.test import Client

from flows.templatetags.payload import facts, json_tree, markdown
from tests.web.conftest import Ask

KINDS = ("", "money", "link", "date", "email", "code")
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def test_the_known_parts_have_their_places(as_fiona: Client, ask: Ask) -> None:
    item = ask(
        {
            "title": "Refund",
            "question": "Pay it?",
            "summary": "In short",
            "facts": [{"label": "Amount", "value": 1240, "kind": "money", "currency": "EUR"}],
            "body": "Some **bold** words",
            "order": {"id": 88213},
        }
    )
    page = as_fiona.get(f"/inbox/{item.pk}/").content.decode()
    for text in ("Pay it?", "In short", "€1,240.00", "<strong>bold</strong>", "88213", "More details"):
        assert text in page


@pytest.mark.parametrize(
    "payload",
    [
        None,
        5,
        "text",
        [],
        {},
        [1, {"a": None}],
        {"title": 5, "facts": 7, "body": ["x"]},
        {"facts": [[1], None, {}]},
    ],
)
def test_any_payload_can_be_shown(as_fiona: Client, ask: Ask, payload: Any) -> None:
    item = ask(payload, type="human_input")
    assert as_fiona.get(f"/inbox/{item.pk}/").status_code == 200


def test_nothing_in_a_payload_becomes_markup(as_fiona: Client, ask: Ask) -> None:
    payload = {
        "title": EVIL,
        "question": EVIL,
        "summary": EVIL,
        "body": EVIL + "\n\n[x](javascript:alert(1)) ![i](https://elsewhere.example/i.png)",
        "facts": [{"label": EVIL, "value": EVIL, "kind": kind} for kind in KINDS],
        EVIL: [EVIL, {EVIL: EVIL}],
    }
    page = as_fiona.get(f"/inbox/{ask(payload, title=EVIL).pk}/").content.decode()
    for mark in ("<script>alert", "<img", '"javascript:', "onerror=alert(1)>\n"):
        assert mark not in page


@pytest.mark.parametrize(
    "item, shown",
    [
        ({"label": "A", "value": 12.5, "kind": "money", "currency": "EUR"}, "€12.50"),
        ({"label": "A", "value": {"amount": 3, "currency": "CHF"}, "kind": "money"}, "3.00 CHF"),
        ({"label": "A", "value": "much", "kind": "money"}, "much"),
        ({"label": "A", "value": 12345, "kind": "number"}, "12,345"),
        ({"label": "A", "value": "2026-12-31", "kind": "date"}, "31 December 2026"),
        ({"label": "A", "value": "soon", "kind": "date"}, "soon"),
        ({"label": "A", "value": True}, "Yes"),
        ({"label": "A", "value": None}, "—"),
        ({"label": "A", "value": "x", "kind": "unheard of"}, "x"),
        ({"label": "A", "value": "javascript:alert(1)", "kind": "link"}, "javascript:alert(1)"),
        ({"label": "A", "value": "http://[", "kind": "link"}, "http://["),
    ],
)
def test_a_fact_is_set_by_its_kind_or_as_it_is(item: dict[str, Any], shown: str) -> None:
    (fact,) = facts([item])
    assert shown in fact.value
    assert "href" not in fact.value


def test_facts_may_be_an_object() -> None:
    assert [(f.label, f.value) for f in facts({"Order": 5})] == [("Order", "5")]


def test_markdown_keeps_tables_and_lists_and_marks_links() -> None:
    html = markdown("| a |\n|---|\n| b |\n\n- x\n\n[y](https://example.com)")
    assert "<table>" in html
    assert "<li>x</li>" in html
    assert 'rel="noopener noreferrer nofollow"' in html
    assert "style=" not in html


def test_raw_html_in_markdown_is_shown_as_text() -> None:
    assert "&lt;img src=x" in markdown(f"Look: {EVIL}")


def test_a_deep_tree_can_be_drawn() -> None:
    value: Any = "end"
    for _ in range(64):
        value = {"a": value}
    assert "end" in json_tree(value)


WIDE = 1_500


@pytest.mark.parametrize(
    "text",
    [
        "|" + "a|" * WIDE + "\n|" + "-|" * WIDE + "\n" + "x\n" * WIDE,
        "> |" + "a|" * 200 + "\n> |" + "-|" * 200 + "\n" + "> |x\n" * 1_000,
        "[" * 40_000,
        "> " * 100 + "a\n" * 20_000,
        "- a\n" * 10_000,
    ],
)
def test_markdown_that_would_take_long_is_shown_as_it_was_written(text: str) -> None:
    html = markdown(text)
    assert "as it was written" in html
    assert len(html) < 6 * len(text)


def test_a_long_document_is_still_set() -> None:
    text = "# Contract\n\n" + "```\n" + "The supplier delivers within ten days.\n" * 1_000 + "```\n"
    assert "<h1>Contract</h1>" in markdown(text)
