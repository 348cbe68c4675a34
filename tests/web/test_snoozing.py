"""What a person puts aside leaves their inbox alone, and comes back by itself."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from flows.models import Interrupt, Snooze
from flows.services import inbox as service
from flows.services import interrupts
from flows.services.errors import Conflict, InvalidInput, NotFound
from tests.web.conftest import Ask
from tests.web.test_inbox_views import counts, titles


def snooze(client: Client, item: Interrupt, query: str = "", **chosen: str):
    return client.post(f"/inbox/{item.pk}/snooze/{query}", chosen or {"for": "hour"})


def test_it_leaves_this_inbox_only(as_fiona: Client, ask: Ask, leo: User) -> None:
    item, other = ask(title="Aside", audience=("*",)), ask(title="Stays")
    response = snooze(as_fiona, item, "?sort=oldest")
    assert (response.status_code, response["Location"]) == (303, "/inbox/?sort=oldest")
    assert titles(as_fiona) == titles(as_fiona, "?q=stays") == ["Stays"]
    assert titles(as_fiona, "?view=snoozed") == ["Aside"]
    assert titles(as_fiona, "?view=snoozed&q=stays") == []
    assert counts(as_fiona) == {"all": "1", "groups": "1", "snoozed": "1"}
    colleague = Client()
    colleague.force_login(leo)
    assert titles(colleague) == ["Aside"]
    assert "Bring it back" in as_fiona.get(f"/inbox/{item.pk}/").content.decode()
    assert "Bring it back" not in as_fiona.get(f"/inbox/{other.pk}/").content.decode()


def test_it_can_be_brought_back(as_fiona: Client, ask: Ask) -> None:
    item = ask(title="Aside")
    snooze(as_fiona, item)
    assert as_fiona.post(f"/inbox/{item.pk}/unsnooze/").status_code == 303
    assert titles(as_fiona) == ["Aside"]
    assert titles(as_fiona, "?view=snoozed") == []


def test_it_comes_back_when_its_time_is_over(as_fiona: Client, ask: Ask) -> None:
    item = ask(title="Aside")
    snooze(as_fiona, item)
    page = as_fiona.get("/inbox/").content.decode()
    seconds = re.search(r'hx-trigger="load delay:(\d+)s"', page)
    assert seconds
    assert 3500 <= int(seconds[1]) <= 3602
    Snooze.objects.update(until=timezone.now() - timedelta(hours=2))
    assert titles(as_fiona) == ["Aside"]
    assert titles(as_fiona, "?view=snoozed") == []
    assert "load delay" not in as_fiona.get("/inbox/").content.decode()


def test_what_is_answered_is_not_snoozed_any_more(as_fiona: Client, ask: Ask) -> None:
    item = ask(title="Aside")
    snooze(as_fiona, item)
    interrupts.decide(interrupt_id=item.pk, answer={"approved": True, "data": {}})
    assert titles(as_fiona, "?view=snoozed") == []
    assert counts(as_fiona) == {}


@pytest.mark.parametrize("chosen", [{"for": "hour"}, {"for": "tomorrow"}, {"for": "week"}])
def test_each_choice_is_a_time_to_come(as_fiona: Client, ask: Ask, chosen: dict[str, str]) -> None:
    snooze(as_fiona, ask(), **chosen)
    until = Snooze.objects.get().until
    assert timezone.now() < until < timezone.now() + timedelta(days=8)
    if chosen["for"] != "hour":
        assert (timezone.localtime(until).hour, until.minute) == (9, 0)


def test_a_date_can_be_typed(as_fiona: Client, ask: Ask) -> None:
    wanted = timezone.localtime() + timedelta(days=20)
    snooze(as_fiona, ask(), until=f"{wanted:%Y-%m-%dT%H:%M}")
    assert Snooze.objects.get().until == wanted.replace(second=0, microsecond=0)


@pytest.mark.parametrize(
    "until", ["", "x", "2020-01-01T00:00", "9999-12-31T23:59", "2026-13-45T99:99", "\0", "0001-01-01T00:00"]
)
def test_another_date_is_refused_with_the_reason(as_fiona: Client, ask: Ask, until: str) -> None:
    response = snooze(as_fiona, ask(), until=until)
    assert response.status_code == 422
    assert "Choose a time to come" in response.content.decode()
    assert not Snooze.objects.exists()


def test_only_what_one_may_see_and_what_waits(ask: Ask, fiona: User) -> None:
    hidden, closed = ask(audience=("g:Legal",)), ask()
    interrupts.decide(interrupt_id=closed.pk, answer={"approved": True, "data": {}})
    soon = timezone.now() + timedelta(hours=1)
    for item, error in ((hidden, NotFound), (closed, Conflict)):
        with pytest.raises(error):
            service.snooze(interrupt_id=item.pk, by=fiona, until=soon)
    with pytest.raises(InvalidInput):
        service.snooze(interrupt_id=ask().pk, by=fiona, until=soon + timedelta(days=400))


def test_the_later_time_counts(ask: Ask, fiona: User) -> None:
    item, soon = ask(), timezone.now() + timedelta(hours=1)
    service.snooze(interrupt_id=item.pk, by=fiona, until=soon)
    service.snooze(interrupt_id=item.pk, by=fiona, until=soon + timedelta(hours=1))
    assert Snooze.objects.get().until == soon + timedelta(hours=1)
