"""The views of an inbox, and the counts beside them."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from flows.services import interrupts
from tests.web.conftest import Ask

APPROVED = {"approved": True, "data": {}}


def titles(client: Client, query: str = "") -> list[str]:
    page = client.get(f"/inbox/{query}").content.decode()
    return re.findall(r'<span class="what"><b[^>]*>([^<]*)</b>', page)


def counts(client: Client) -> dict[str, str]:
    page = client.get("/inbox/").content.decode()
    return dict(re.findall(r'data-count-of="(\w+)">([\d,+]+)<', page))


@pytest.fixture
def three(ask: Ask) -> None:
    ask(title="For anybody", audience=("*",))
    ask(title="For Finance")
    ask(title="For Fiona", audience=("u:fiona",))
    ask(title="For Legal", audience=("g:Legal",))


def test_each_view_has_its_items(as_fiona: Client, three: None) -> None:
    assert titles(as_fiona) == ["For Fiona", "For Finance", "For anybody"]
    assert titles(as_fiona, "?view=mine") == ["For Fiona"]
    assert titles(as_fiona, "?view=groups") == ["For Finance"]
    assert titles(as_fiona, "?view=snoozed") == titles(as_fiona, "?view=done") == []


def test_a_superuser_sees_all_and_has_views_of_their_own(
    client: Client, admin: User, three: None, ask: Ask
) -> None:
    client.force_login(admin)
    ask(title="For two", audience=("g:Finance", "u:admin"))
    assert len(titles(client)) == 5
    assert titles(client, "?view=mine") == ["For two"]
    assert titles(client, "?view=groups") == []


def test_an_item_for_several_of_ones_tokens_is_there_once(as_fiona: Client, ask: Ask) -> None:
    ask(title="Once", audience=("u:fiona", "g:Finance", "*"))
    for query in ("", "?view=mine", "?view=groups", "?q=once", "?sort=due"):
        assert titles(as_fiona, query) == ["Once"], query
    assert counts(as_fiona) == {"all": "1", "mine": "1", "groups": "1"}


def test_counts_are_those_of_the_lists(as_fiona: Client, three: None) -> None:
    assert counts(as_fiona) == {"all": "3", "mine": "1", "groups": "1"}


def test_what_a_person_started_is_not_in_their_views(as_fiona: Client, ask: Ask, fiona: User) -> None:
    ask(requester=fiona), ask(requester=fiona, audience=("u:fiona",))
    assert counts(as_fiona) == {}
    assert titles(as_fiona) == titles(as_fiona, "?view=mine") == titles(as_fiona, "?q=refund") == []


@pytest.mark.parametrize(
    "view, says",
    [
        ("all", "Your inbox is empty"),
        ("mine", "Nothing is addressed to you"),
        ("groups", "Nothing for your groups"),
        ("snoozed", "Nothing is snoozed"),
        ("done", "Nothing is done yet"),
    ],
)
def test_each_empty_view_says_what_comes_there(as_fiona: Client, view: str, says: str) -> None:
    assert says in as_fiona.get(f"/inbox/?view={view}").content.decode()


def test_done_holds_ones_answers_and_what_others_closed(
    as_fiona: Client, ask: Ask, fiona: User, leo: User
) -> None:
    mine, others, unseen = ask(title="Mine"), ask(title="Others", audience=("*",)), ask(audience=("g:Legal",))
    interrupts.decide(interrupt_id=mine.pk, answer=APPROVED, by=fiona)
    interrupts.decide(interrupt_id=others.pk, answer=APPROVED, by=leo)
    interrupts.decide(interrupt_id=unseen.pk, answer=APPROVED, by=leo)
    assert titles(as_fiona, "?view=done") == ["Others", "Mine"]
    assert titles(as_fiona, "?view=done&q=other") == ["Others"]
    fiona.groups.clear()
    assert titles(as_fiona, "?view=done") == ["Mine"]


def test_done_goes_on_over_pages(as_fiona: Client, ask: Ask, fiona: User) -> None:
    for number in range(53):
        interrupts.decide(interrupt_id=ask(title=f"No {number:02}").pk, answer=APPROVED, by=fiona)
    page = as_fiona.get("/inbox/?view=done").content.decode()
    following = page.split('rel="next" href="/inbox/')[1].split('"')[0].replace("&amp;", "&")
    assert titles(as_fiona, following) == ["No 02", "No 01", "No 00"]
    back = (
        as_fiona.get(f"/inbox/{following}")
        .content.decode()
        .split('rel="prev" href="/inbox/')[1]
        .split('"')[0]
    )
    assert len(titles(as_fiona, back.replace("&amp;", "&"))) == 50


@pytest.mark.parametrize("who", ["fiona", "admin"])
@pytest.mark.parametrize(
    "query", ["", "?view=groups", "?view=snoozed", "?view=done", "?flow=refund&q=12&sort=due"]
)
def test_every_view_takes_few_queries(
    client: Client, ask: Ask, fiona: User, admin: User, django_assert_max_num_queries, who: str, query: str
) -> None:
    items = [ask(title=f"Number {number}") for number in range(20)]
    client.force_login({"fiona": fiona, "admin": admin}[who])
    with django_assert_max_num_queries(8):
        client.get(f"/inbox/{query}")
    with django_assert_max_num_queries(10):
        client.get(f"/inbox/{items[0].pk}/{query}")
