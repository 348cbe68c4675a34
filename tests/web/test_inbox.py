"""Who sees what in the inbox."""

import re

from django.contrib.auth.models import User
from django.test import Client

from tests.web.conftest import Ask


def test_a_stranger_to_the_site_is_sent_to_sign_in(client: Client, db: None) -> None:
    response = client.get("/inbox/")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/inbox/")


def test_the_root_leads_to_the_inbox(as_fiona: Client) -> None:
    assert as_fiona.get("/")["Location"] == "/inbox/"


def test_an_empty_inbox_shows_a_way_on(as_fiona: Client) -> None:
    page = as_fiona.get("/inbox/").content.decode()
    assert "Your inbox is empty" in page
    assert "/flows/" in page


def test_rows_and_count_are_those_of_the_person(as_fiona: Client, ask: Ask) -> None:
    ask(title="For Finance"), ask(title="For Legal", audience=("g:Legal",))
    page = as_fiona.get("/inbox/").content.decode()
    assert "For Finance" in page
    assert "For Legal" not in page
    assert "<title>(1) Inbox" in page


def test_what_a_person_may_not_see_does_not_exist(as_fiona: Client, ask: Ask, fiona: User) -> None:
    for hidden in (ask(audience=("g:Legal",)), ask(requester=fiona)):
        for part in ("", "outcome/"):
            assert as_fiona.get(f"/inbox/{hidden.pk}/{part}").status_code == 404
        assert as_fiona.post(f"/inbox/{hidden.pk}/answer/", {"decision": "approve"}).status_code == 404
        hidden.refresh_from_db()
        assert hidden.is_waiting


def test_the_kind_and_the_search_are_in_the_address(as_fiona: Client, ask: Ask) -> None:
    ask(title="Approve me"), ask(title="Tell me", type="human_input")
    assert "Tell me" not in as_fiona.get("/inbox/?kind=approval").content.decode()
    assert "Approve me" not in as_fiona.get("/inbox/?q=tell").content.decode()
    assert "Nothing matches" in as_fiona.get("/inbox/?q=zzz").content.decode()


def test_an_odd_address_is_read_as_far_as_it_makes_sense(as_fiona: Client, ask: Ask) -> None:
    ask()
    for query in ("kind=nonsense", "q=%00%ff", "before=x", "q=" + "a" * 5000):
        assert as_fiona.get(f"/inbox/?{query}").status_code == 200


def test_htmx_gets_the_rows_alone_with_the_count(as_fiona: Client, ask: Ask) -> None:
    item = ask()
    response = as_fiona.get("/inbox/", headers={"HX-Request": "true", "HX-Target": "rows"})
    piece = response.content.decode()
    assert "<html" not in piece
    assert f'id="row-{item.pk}"' in piece
    assert 'hx-swap-oob="morph"' in piece


def test_older_rows_are_one_page_away(as_fiona: Client, ask: Ask) -> None:
    for number in range(52):
        ask(title=f"Number {number:02}")
    first = as_fiona.get("/inbox/").content.decode()
    following = first.split('rel="next" href="')[1].split('"')[0]
    second = as_fiona.get(following).content.decode()
    found = [set(re.findall(r"Number \d\d", page)) for page in (first, second)]
    assert [len(numbers) for numbers in found] == [50, 2]
    assert not found[0] & found[1]


def test_the_inbox_takes_few_queries(as_fiona: Client, ask: Ask, django_assert_max_num_queries) -> None:
    items = [ask(title=f"Number {number}") for number in range(20)]
    with django_assert_max_num_queries(8):
        as_fiona.get("/inbox/")
    with django_assert_max_num_queries(10):
        as_fiona.get(f"/inbox/{items[0].pk}/")
    with django_assert_max_num_queries(7):
        as_fiona.get("/inbox/count/")
