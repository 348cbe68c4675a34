"""A list that somebody is at keeps its rows in their places."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from flows.models import Interrupt
from flows.services import inbox as own_inbox
from flows.services import interrupts
from flows.web.arrivals import HEADER
from tests.web.conftest import Ask

ROWS = {"HX-Request": "true", "HX-Target": "rows"}


def rows(client: Client, *kept: Interrupt, query: str = "") -> tuple[list[str], str]:
    """Titles of the rows while these are shown, gone ones with the reason; what the button says."""
    keep = {HEADER: ",".join(str(one.pk) for one in kept)}
    text = client.get(f"/inbox/{query}", headers={**ROWS, **keep}).content.decode()
    found = re.findall(r'<li id="row-[^"]+"( class="gone")?>.*?<b [^>]*>(.*?)</b>(.*?)</li>', text, re.DOTALL)
    told = [f"{title}, {re.findall('<span>([^<]*)</span>', rest)[-1]}" if is_gone else title
            for is_gone, title, rest in found]  # fmt: skip
    return told, "".join(re.findall(r"(\d+ new)", text))


def test_what_is_new_is_counted_and_what_is_shown_stays(as_fiona: Client, ask: Ask) -> None:
    one, two = ask(title="One"), ask(title="Two")
    ask(title="Three")
    assert rows(as_fiona) == (["Three", "Two", "One"], "")
    assert rows(as_fiona, two, one) == (["Two", "One"], "1 new")
    assert rows(as_fiona, two) == (["Two", "One"], "1 new")  # what comes below moves nothing
    assert rows(as_fiona, one, two) == (["One", "Two"], "1 new")


def test_rows_that_others_made_leave_say_why(
    as_fiona: Client, ask: Ask, fiona: User, leo: User, admin: User
) -> None:
    mine, theirs, aside, held, ended = (ask(title=str(number)) for number in range(5))
    interrupts.decide(interrupt_id=mine.pk, answer={"approved": True}, by=fiona, door="browser")
    interrupts.decide(interrupt_id=theirs.pk, answer={"approved": False}, by=admin, door="browser")
    own_inbox.snooze(interrupt_id=aside.pk, by=fiona, until=timezone.now() + timedelta(days=1))
    Interrupt.objects.filter(pk=held.pk).update(status="suspended")
    Interrupt.objects.filter(pk=ended.pk).update(status="cancelled", closed_at=timezone.now())
    told = [
        "1, rejected by Ada",
        "2, snoozed",
        "3, on hold",
        "4, cancelled",
    ]
    assert rows(as_fiona, mine, theirs, aside, held, ended)[0] == told


def test_what_a_person_may_not_see_is_not_shown_however_it_is_asked_for(as_fiona: Client, ask: Ask) -> None:
    hidden, seen = ask(title="Secret", audience=("g:Legal",)), ask(title="Open")
    assert rows(as_fiona, hidden, seen) == (["Open"], "")


def test_a_row_pushed_off_its_page_stays_where_it_is(as_fiona: Client, ask: Ask) -> None:
    shown = [ask(title=str(number)) for number in range(50)][::-1]
    ask(title="New")
    titles, button = rows(as_fiona, *shown)
    assert titles == [str(number) for number in range(50)][::-1]
    assert button == "1 new"


def test_the_row_that_moves_up_into_a_page_comes_below(as_fiona: Client, ask: Ask, admin: User) -> None:
    older, *shown = (ask(title=str(number)) for number in range(51))
    interrupts.decide(interrupt_id=shown[7].pk, answer={"approved": True}, by=admin, door="browser")
    titles, button = rows(as_fiona, *shown[::-1])
    assert titles[-1] == "0"
    assert "8, approved by Ada" in titles
    assert button == ""
    assert older.is_waiting


@pytest.mark.parametrize("header", ["nonsense", ",,,", "\\x00", "x" * 3000])
def test_nonsense_is_no_list(as_fiona: Client, ask: Ask, header: str) -> None:
    ask(title="One")
    text = as_fiona.get("/inbox/", headers={**ROWS, HEADER: header}).content.decode()
    assert 'class="gone"' not in text
    assert ">One<" in text


def test_it_takes_one_query_more_for_what_is_gone(
    as_fiona: Client, ask: Ask, django_assert_max_num_queries
) -> None:
    asked = [ask(title=str(number), audience=("g:Finance",)) for number in range(6)]
    Interrupt.objects.filter(pk__in=[one.pk for one in asked[:3]]).update(
        status="cancelled", closed_at=timezone.now()
    )
    with django_assert_max_num_queries(8 + 1):
        rows(as_fiona, *asked)
