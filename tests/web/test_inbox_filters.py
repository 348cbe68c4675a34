"""What the address of an inbox asks for."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from flows.models import Interrupt
from flows.web.filters import Filters
from tests.web.conftest import Ask
from tests.web.test_inbox_views import titles

NOW = timezone.now()


@pytest.fixture
def some(ask: Ask, rita: User) -> None:
    ask(
        title="Refund to Ann",
        priority=3,
        due_at=NOW - timedelta(hours=1),
        requester=rita,
        payload={
            "title": "x",
            "facts": [{"label": "Customer", "value": "Ann's Ltd"}, {"label": "Amount", "value": "€1,240"}],
        },
    )
    ask(
        title="Release “T”", flow="document_review", due_at=NOW + timedelta(days=3), payload={"team": "Legal"}
    )
    ask(
        title="Where?",
        type="human_input",
        flow="address_check",
        priority=0,
        payload={"summary": "Porto or Lyon"},
    )
    Interrupt.objects.filter(title="Where?").update(created_at=NOW - timedelta(days=9))


@pytest.mark.parametrize(
    "query, found",
    [
        ("flow=refund", ["Refund to Ann"]),
        ("flow=nonsense", []),
        ("kind=human_input", ["Where?"]),
        ("priority=3", ["Refund to Ann"]),
        ("priority=0", ["Where?"]),
        ("from=rita", ["Refund to Ann"]),
        ("from=nobody", []),
        ("due=overdue", ["Refund to Ann"]),
        ("due=week", ["Release “T”"]),
        ("due=none", ["Where?"]),
        ("age=older", ["Where?"]),
        ("age=hour", ["Release “T”", "Refund to Ann"]),
        ("q=ann", ["Refund to Ann"]),
        ("q=refund+ANN", ["Refund to Ann"]),
        ("q=porto", ["Where?"]),
        ("q=1240", ["Refund to Ann"]),
        ("q=document", ["Release “T”"]),
        ("q=address+check", ["Where?"]),
        ("q=nn", []),
        ("f.facts.Customer=ann's", ["Refund to Ann"]),
        ("f.facts.Customer=ltd", []),
        ("f.facts.Amount=1240", ["Refund to Ann"]),
        ("f.facts.Amount=€1,240", ["Refund to Ann"]),
        ("f.team=legal", ["Release “T”"]),
        ("f.facts.Customer=a\\'%27:*", []),
        ("flow=refund&q=ann&priority=3&due=overdue&from=rita&f.facts.Customer=Ann", ["Refund to Ann"]),
        ("flow=refund&kind=human_input", []),
    ],
)
def test_filters_find_what_they_say(as_fiona: Client, some: None, query: str, found: list[str]) -> None:
    assert titles(as_fiona, f"?{query}") == found
    if not found:
        assert "Nothing matches" in as_fiona.get(f"/inbox/?{query}").content.decode()


def test_what_was_chosen_is_a_chip_that_can_be_removed(as_fiona: Client, some: None) -> None:
    page = as_fiona.get("/inbox/?flow=refund&priority=3&q=ann&f.facts.Customer=ann").content.decode()
    assert 'href="/inbox/?priority=3&amp;f.facts.Customer=ann&amp;q=ann"' in page  # without the flow
    assert 'href="/inbox/?flow=refund&amp;priority=3&amp;q=ann"' in page  # without the customer
    for text in ("Urgent", "Customer</span> ann"):
        assert text in page


def test_opening_an_item_keeps_the_address(as_fiona: Client, some: None) -> None:
    query = "?view=groups&flow=refund&sort=oldest&q=ann"
    item = Interrupt.objects.get(title="Refund to Ann")
    page = as_fiona.get(f"/inbox/{query}").content.decode().replace("&amp;", "&")
    link = f"/inbox/{item.pk}/?view=groups&flow=refund&q=ann&sort=oldest"
    assert f'href="{link}"' in page
    opened = as_fiona.get(link).content.decode()
    assert titles(as_fiona, f"{item.pk}/{query}") == ["Refund to Ann"]
    assert 'value="ann"' in opened


def test_the_fields_of_the_chosen_flow_can_be_filtered_by(as_fiona: Client) -> None:
    assert "filter-f.facts.Customer" in as_fiona.get("/inbox/?flow=refund").content.decode()
    assert "filter-f." not in as_fiona.get("/inbox/?flow=nonsense").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "view=x&kind=x&priority=9&due=x&age=x&sort=x&at=x",
        "at=after-0..1.x",
        "at=after-7..1.01a2099659777417a73d3ee2d5b519b8",
        "at=after-0..99999999999999999999.01a2099659777417a73d3ee2d5b519b8",
        "at=after--1..1.01a2099659777417a73d3ee2d5b519b8",
        "sort=due&at=after-0..1.01a2099659777417a73d3ee2d5b519b8",
        "sort=priority&at=before-0.x.1.01a2099659777417a73d3ee2d5b519b8",
        "f.undeclared=x",
        "priority=²",
    ],
)
def test_what_makes_no_sense_is_not_there(query: str) -> None:
    assert replace(Filters.of(QueryDict(query)), sort="newest") == Filters()


@pytest.mark.parametrize(
    "text", ["a\0b", "'", "\\", "''):*", "%", "€", "ok & !x | (", "😀", "\ud7ff", "x" * 9000]
)
def test_any_text_can_be_looked_for(as_fiona: Client, some: None, text: str) -> None:
    for name in ("q", "from", "flow", "f.facts.Customer"):
        for view in ("all", "snoozed", "done"):
            assert as_fiona.get("/inbox/", {name: text, "view": view}).status_code == 200
