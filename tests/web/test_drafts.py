"""Drafts without scripts, and who gets to see them."""

from django.contrib.auth.models import User
from django.test import Client

from flows.models import Draft
from flows.services import interrupts
from tests.web.conftest import Ask


def test_a_draft_is_kept_and_shown_without_scripts(as_fiona: Client, ask: Ask) -> None:
    item = ask()
    typed = {"comment": "Half a <b>sentence", "request_id": "r", "digest": item.digest, "decision": "approve"}
    response = as_fiona.post(f"/inbox/{item.pk}/draft/", typed)
    assert (response.status_code, response["Location"]) == (303, f"/inbox/{item.pk}/")
    page = as_fiona.get(f"/inbox/{item.pk}/").content.decode()
    assert "Half a &lt;b&gt;sentence" in page
    assert "Draft saved" in page
    assert Draft.objects.get().data == {"comment": ["Half a <b>sentence"]}
    as_fiona.post(f"/inbox/{item.pk}/draft/discard/")
    assert "sentence" not in as_fiona.get(f"/inbox/{item.pk}/").content.decode()


def test_a_refused_form_is_kept_too(as_fiona: Client, ask: Ask) -> None:
    item = ask()
    as_fiona.post(f"/inbox/{item.pk}/answer/", {"comment": "x", "request_id": "r"})
    assert Draft.objects.get().data == {"comment": ["x"]}


def test_nobody_else_sees_it(as_fiona: Client, ask: Ask, leo: User) -> None:
    item = ask(audience=("g:Finance", "g:Legal"))
    as_fiona.post(f"/inbox/{item.pk}/draft/", {"comment": "Between us", "request_id": "r"})
    other = Client()
    other.force_login(leo)
    assert "Between us" not in other.get(f"/inbox/{item.pk}/").content.decode()


def test_a_draft_of_a_closed_question_is_shown_but_not_what_became_ones_own_answer(
    as_fiona: Client, ask: Ask, fiona: User, leo: User
) -> None:
    for by, shown in ((leo, True), (fiona, False)):
        item = ask(audience=("g:Finance", "g:Legal"))
        as_fiona.post(f"/inbox/{item.pk}/draft/", {"comment": "My own words", "request_id": "r"})
        interrupts.decide(interrupt_id=item.pk, answer={"approved": True}, by=by)
        page = as_fiona.get(f"/inbox/{item.pk}/").content.decode()
        assert ("What you had typed" in page, "My own words" in page) == (shown, shown)


def test_a_question_that_one_may_not_see_takes_no_draft(client: Client, ask: Ask, stranger: User) -> None:
    item = ask()
    client.force_login(stranger)
    response = client.post(f"/inbox/{item.pk}/draft/", {"comment": "x"}, headers={"HX-Request": "true"})
    assert response.status_code == 204
    assert client.post(f"/inbox/{item.pk}/draft/discard/").status_code == 404
    assert not Draft.objects.exists()


def test_too_much_is_said_and_not_kept(as_fiona: Client, ask: Ask) -> None:
    item = ask()
    response = as_fiona.post(
        f"/inbox/{item.pk}/draft/", {"comment": "x" * 600_000}, headers={"HX-Request": "true"}
    )
    assert response.status_code == 422
    assert "too long" in response.content.decode()
