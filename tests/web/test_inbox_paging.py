"""Pages in every order: each item once, forwards and backwards, at any depth."""

import random
import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from flows.models import Interrupt
from flows.store.inbox import listing
from tests.web.conftest import Ask

NOW = timezone.now()
LINK = r'rel="{}" href="([^"]+)"'


def walked(client: Client, address: str, way: str) -> tuple[list[list[str]], str]:
    """The titles of each page from there on, and the address of the last one."""
    pages = []
    while True:
        page = client.get(address).content.decode()
        pages.append(re.findall(r"<b[^>]*>(No \d+)</b>", page))
        found = re.search(LINK.format(way), page)
        if found is None:
            return pages, address
        address = found[1].replace("&amp;", "&")


@pytest.fixture
def many(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> list[Interrupt]:
    """Some of one time, of one due time or of none, of every priority; five to a page."""
    monkeypatch.setattr(listing, "PAGE", 5)
    chance = random.Random(7)
    for number in range(43):
        item = ask(
            title=f"No {number}",
            audience=chance.choice([("g:Finance",), ("*",), ("u:fiona", "g:Finance"), ("g:Legal", "*")]),
            priority=chance.choice([0, 1, 1, 2, 3]),
            due_at=chance.choice([None, NOW, NOW + timedelta(hours=chance.randint(-9, 9))]),
        )
        created = NOW - timedelta(minutes=chance.randint(1, 12))
        Interrupt.objects.filter(pk=item.pk).update(created_at=created)
    return list(Interrupt.objects.all())


def in_order(items: list[Interrupt], sort: str) -> list[str]:
    latest = sorted(items, key=lambda i: (i.created_at, i.pk.int), reverse=True)
    if sort == "oldest":
        latest.reverse()
    if sort == "priority":
        latest.sort(key=lambda i: -i.priority)
    if sort == "due":
        due = sorted((i for i in items if i.due_at), key=lambda i: (i.due_at, i.created_at, i.pk.int))
        latest = due + [i for i in latest if i.due_at is None]
    return [i.title for i in latest]


@pytest.mark.parametrize("who", ["fiona", "admin"])
@pytest.mark.parametrize("sort", ["newest", "oldest", "due", "priority"])
@pytest.mark.parametrize("filtered", [False, True])
def test_each_item_once_in_order_and_back(
    client: Client, many: list[Interrupt], fiona: User, admin: User, who: str, sort: str, filtered: bool
) -> None:
    client.force_login({"fiona": fiona, "admin": admin}[who])
    if filtered:
        many = [item for item in many if item.priority == 1]
    expected = in_order(many, sort)
    query = f"/inbox/?sort={sort}" + ("&priority=1&q=no" if filtered else "")
    pages, last = walked(client, query, "next")
    assert [title for page in pages for title in page] == expected
    assert all(len(page) == 5 for page in pages[:-1])
    back, _ = walked(client, last, "prev")
    assert [title for page in reversed(back) for title in page] == expected


@pytest.mark.parametrize("sort", ["newest", "due", "priority"])
def test_a_walk_that_is_given_up_finds_the_same(
    as_fiona: Client, many: list[Interrupt], monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr("flows.store.inbox.orders.FAR", 3)
    monkeypatch.setattr("flows.store.inbox.orders.SHORT", 3)
    expected = in_order([item for item in many if item.priority == 2], sort)
    assert len(expected) > 5
    pages, last = walked(as_fiona, f"/inbox/?sort={sort}&priority=2", "next")
    assert [title for page in pages for title in page] == expected
    back, _ = walked(as_fiona, last, "prev")
    assert [title for page in reversed(back) for title in page] == expected


def test_what_comes_and_goes_moves_no_page(as_fiona: Client, many: list[Interrupt], ask: Ask) -> None:
    pages, _ = walked(as_fiona, "/inbox/", "next")
    page = as_fiona.get("/inbox/").content.decode()
    following = re.search(LINK.format("next"), page)[1].replace("&amp;", "&")
    ask(title="No 99")
    Interrupt.objects.filter(title=pages[0][-1]).delete()
    assert re.findall(r"<b[^>]*>(No \d+)</b>", as_fiona.get(following).content.decode()) == pages[1]
