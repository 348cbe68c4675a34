"""Views that a person keeps."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from flows.models import SavedView
from tests.web.conftest import Ask
from tests.web.test_inbox_views import titles


def save(client: Client, name: str = "Urgent refunds", query: str = "flow=refund&priority=3"):
    return client.post("/inbox/views/save/", {"name": name, "query": query}, follow=True)


def change(client: Client, view: SavedView, **form: str):
    return client.post(f"/inbox/views/{view.pk}/change/", form)


def test_a_view_is_kept_and_leads_back_to_what_it_shows(as_fiona: Client, ask: Ask) -> None:
    ask(title="This one", priority=3), ask(title="Not this one")
    page = save(as_fiona).content.decode()
    assert 'href="/inbox/?flow=refund&amp;priority=3" aria-current="true"' in page
    assert titles(as_fiona, "?flow=refund&priority=3") == ["This one"]


def test_what_is_none_of_an_inbox_is_not_kept(as_fiona: Client) -> None:
    save(as_fiona, query="flow=refund&next=https://evil.example&at=after-0..1.x&view=zzz")
    assert SavedView.objects.get().query == "flow=refund"


def test_views_belong_to_one_person(as_fiona: Client, leo: User) -> None:
    save(as_fiona)
    other = Client()
    other.force_login(leo)
    assert "Urgent refunds" not in other.get("/inbox/").content.decode()
    view = SavedView.objects.get()
    for form in ({"do": "delete"}, {"do": "start"}, {"do": "rename", "name": "x"}):
        assert change(other, view, **form).status_code == 404
    view.refresh_from_db()
    assert (view.name, view.is_start) == ("Urgent refunds", False)


def test_it_can_be_renamed_and_deleted(as_fiona: Client) -> None:
    save(as_fiona)
    view = SavedView.objects.get()
    assert change(as_fiona, view, do="rename", name="  Red   ones ", query="sort=due").status_code == 303
    assert SavedView.objects.get().name == "Red ones"
    assert change(as_fiona, view, do="delete", query="sort=due")["Location"] == "/inbox/?sort=due"
    assert not SavedView.objects.exists()


def test_one_view_at_most_is_where_a_person_starts(as_fiona: Client) -> None:
    save(as_fiona), save(as_fiona, "Mine", "view=mine")
    first, second = SavedView.objects.order_by("pk")
    assert as_fiona.get("/")["Location"] == "/inbox/"
    change(as_fiona, first, do="start"), change(as_fiona, second, do="start")
    assert SavedView.objects.get(is_start=True) == second
    assert as_fiona.get("/")["Location"] == "/inbox/?view=mine"
    change(as_fiona, second, do="no_start")
    assert as_fiona.get("/")["Location"] == "/inbox/"


def test_the_same_name_again_is_the_new_view(as_fiona: Client) -> None:
    save(as_fiona), save(as_fiona, query="sort=oldest")
    assert SavedView.objects.get().query == "sort=oldest"


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\0b"])
def test_a_bad_name_is_refused_with_a_word(as_fiona: Client, name: str) -> None:
    page = save(as_fiona, name).content.decode()
    assert "say bad" in page
    assert not SavedView.objects.exists()


def test_a_name_that_is_taken_is_refused(as_fiona: Client) -> None:
    save(as_fiona, "One"), save(as_fiona, "Two")
    view = SavedView.objects.get(name="Two")
    page = as_fiona.post(f"/inbox/views/{view.pk}/change/", {"do": "rename", "name": "One"}, follow=True)
    assert "of this name already" in page.content.decode()


def test_there_is_an_end_to_how_many(as_fiona: Client, fiona: User) -> None:
    SavedView.objects.bulk_create(SavedView(user=fiona, name=f"View {n}") for n in range(50))
    assert "At most 50 views" in save(as_fiona).content.decode()
    save(as_fiona, "View 3", "sort=due")
    assert SavedView.objects.count() == 50
