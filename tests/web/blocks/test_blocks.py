"""Each block is shown as what it is; a bad one is a tree with a note, never a failure."""

import base64
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from flows.web.blocks import blocks_of
from tests.web.conftest import Ask

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
GOOD: list[dict[str, Any]] = [
    {"type": "diff", "before": "a", "after": "b", "name": "x.txt"},
    {"type": "diff", "before": {"a": 1}, "after": {"a": 2}},
    {
        "type": "table",
        "columns": ["A", {"key": "b", "label": "B", "kind": "money"}],
        "rows": [[1, 2], {"b": 3}],
    },
    {"type": "table", "rows": [{"a": 1}, {"b": 2}]},
    {"type": "table", "rows": []},
    {"type": "code", "text": "def a():\n    return 1\n", "language": "python"},
    {"type": "code", "text": "x", "language": "unheard of"},
    {"type": "image", "src": f"data:image/png;base64,{PIXEL}", "alt": "A dot"},
    {"type": "image", "src": "/static/favicon.svg", "alt": "The sign"},
    {"type": "file", "name": "a.csv", "text": "a;b"},
    {"type": "file", "name": "b.pdf", "url": "https://example.com/b.pdf", "size": 12_345},
    {"type": "json", "value": {"a": [1, 2]}},
]
BAD: list[Any] = [
    5,
    None,
    [],
    {},
    {"type": ["diff"]},
    {"type": "unheard of"},
    {"type": "diff"},
    {"type": "table", "rows": 7},
    {"type": "table", "rows": [1]},
    {"type": "table", "rows": [], "columns": [5]},
    {"type": "table", "rows": [[]] * 2000, "columns": ["a"] * 100},
    {"type": "code"},
    {"type": "image", "src": "https://elsewhere.example/i.png", "alt": "x"},
    {"type": "image", "src": "data:image/svg+xml;base64,PHN2Zz4=", "alt": "x"},
    {"type": "image", "src": "javascript:alert(1)", "alt": "x"},
    {"type": "image", "src": "//elsewhere.example/static/i.png", "alt": "x"},
    {"type": "image", "src": "/static/../accounts/logout/", "alt": "x"},
    {"type": "image", "src": f"data:image/png;base64,{PIXEL}"},
    {"type": "file", "name": "x"},
    {"type": "file", "name": "x", "base64": "%%%"},
    {"type": "file", "name": "x", "url": "javascript:alert(1)"},
    {"type": "file", "name": "x", "url": "http://["},
    {"type": "json"},
]


@pytest.mark.parametrize("item", GOOD, ids=lambda item: str(item["type"]))
def test_a_block_is_what_it_says(item: dict[str, Any]) -> None:
    (block,) = blocks_of([item])
    assert (block.kind, block.note) == (item["type"], "")


@pytest.mark.parametrize("item", BAD, ids=range(len(BAD)))
def test_a_bad_block_is_a_tree_with_a_note(item: Any) -> None:
    (block,) = blocks_of([item])
    assert block.kind == "json"
    assert block.note.endswith(".")
    assert block.shown.value == item


def test_all_of_them_are_drawn(as_fiona: Client, ask: Ask) -> None:
    item = ask({"title": "All", "blocks": [*GOOD, *BAD]})
    page = as_fiona.get(f"/inbox/{item.pk}/").content.decode()
    assert page.count('<section class="panel block') == len(GOOD) + len(BAD)
    for text in (">1</td>", 'class="k">def', 'alt="A dot"', "12.3 KB", "Side by side"):
        assert text in page
    assert (
        "elsewhere.example/i.png"
        not in page.replace("https://elsewhere.example/i.png</span>", "").split("<textarea")[0]
    )


@pytest.mark.parametrize("blocks", [5, "x", {"type": "code", "text": "a"}, True])
def test_blocks_that_are_no_list_are_shown(as_fiona: Client, ask: Ask, blocks: Any) -> None:
    assert as_fiona.get(f"/inbox/{ask({'blocks': blocks}).pk}/").status_code == 200


def test_a_file_is_downloaded_with_a_harmless_type_and_name(as_fiona: Client, ask: Ask) -> None:
    evil = {"type": "file", "name": "../a\r\nX: y‮.html", "media_type": "text/html", "text": "<script>"}
    item = ask({"blocks": [evil]})
    response = as_fiona.get(f"/inbox/{item.pk}/files/0/")
    assert response.content == b"<script>"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment;")
    assert "%E2%80%AE" not in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" in response


def test_a_binary_file_comes_back_byte_by_byte(as_fiona: Client, ask: Ask) -> None:
    content = bytes(range(256))
    item = ask({"blocks": [{"type": "file", "name": "b", "base64": base64.b64encode(content).decode()}]})
    assert as_fiona.get(f"/inbox/{item.pk}/files/0/").content == content


@pytest.mark.parametrize("number", [1, 2, 999])
def test_there_is_no_file_where_there_is_none(as_fiona: Client, ask: Ask, number: int) -> None:
    blocks = [{"type": "file", "name": "a", "text": "x"}, {"type": "code", "text": "x"}]
    assert as_fiona.get(f"/inbox/{ask({'blocks': blocks}).pk}/files/{number}/").status_code == 404


def test_a_file_exists_only_for_who_may_see_the_question(client: Client, ask: Ask, leo: User) -> None:
    address = f"/inbox/{ask({'blocks': [{'type': 'file', 'name': 'a', 'text': 'x'}]}).pk}/files/0/"
    assert client.get(address).status_code == 302
    client.force_login(leo)
    assert client.get(address).status_code == 404
