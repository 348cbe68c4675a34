"""What the others do to the item that is open: they look at it, answer it, and take that back."""

import re

from django.contrib.auth.models import User
from playwright.sync_api import expect

from approvals_site import people
from flows.services import interrupts
from tests.browser.conftest import OpenAs
from tests.browser.test_arrivals import YES, asked


def test_an_answer_shuts_the_form_and_undoing_it_opens_it_again(
    site: object, open_as: OpenAs, fiona: User, leo: User
) -> None:
    (one,) = asked("One")
    page = open_as(fiona, f"/inbox/{one.pk}/")
    comment = page.get_by_label("Comment")
    comment.fill("Half a sentence")
    answer = {"approved": False, "comment": "Not this one"}
    interrupts.decide(interrupt_id=one.pk, answer=answer, by=leo, door="browser")
    expect(page.get_by_text("Leo rejected this")).to_be_visible()
    expect(page.locator(".outcome blockquote")).to_have_text("Not this one")
    expect(page.locator(".outcome time").first).to_be_visible()
    expect(page.get_by_role("heading", name="What you had typed")).to_be_visible()
    expect(page.get_by_role("button", name="Approve")).to_be_hidden()
    expect(comment).not_to_be_editable()
    comment.select_text()
    assert page.evaluate("getSelection().toString() || document.activeElement.value") == "Half a sentence"

    interrupts.undo(interrupt_id=one.pk, by=leo, door="browser")
    expect(comment).to_be_editable()
    expect(comment).to_have_value("Half a sentence")
    expect(page.get_by_role("heading", name="Your answer")).to_be_visible()
    comment.press_sequentially(" more")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("You approved this")).to_be_visible()


def test_an_item_that_was_opened_after_its_answer_gets_its_form_when_that_is_undone(
    site: object, open_as: OpenAs, fiona: User, leo: User
) -> None:
    (one,) = asked("One")
    interrupts.decide(interrupt_id=one.pk, answer=YES, by=leo, door="browser")
    page = open_as(fiona, f"/inbox/{one.pk}/")
    expect(page.get_by_text("Leo approved this")).to_be_visible()
    expect(page.get_by_label("Comment")).to_have_count(0)
    interrupts.undo(interrupt_id=one.pk, by=leo, door="browser")
    expect(page.get_by_label("Comment")).to_be_editable()
    expect(page.get_by_role("button", name="Approve")).to_be_visible()


def test_who_else_looks_is_shown_and_forgotten(
    site: object, open_as: OpenAs, fiona: User, leo: User, admin: User
) -> None:
    (one,) = asked("One")
    finance = open_as(fiona, f"/inbox/{one.pk}/")
    legal = open_as(leo, f"/inbox/{one.pk}/")
    expect(finance.locator(".looking")).to_have_text("Leo is looking at this")
    expect(legal.locator(".looking")).to_have_text("Fiona is looking at this")
    chief = open_as(admin, f"/inbox/{one.pk}/")
    expect(chief.locator(".looking")).to_have_text("Fiona and Leo are looking at this")
    chief.context.close()
    legal.context.close()
    expect(finance.locator(".looking")).to_be_empty(timeout=90_000)  # leaving is written after 15 s


def test_of_many_the_number_is_shown(site: object, open_as: OpenAs, fiona: User, leo: User) -> None:
    (one,) = asked("One")
    page = open_as(fiona, f"/inbox/{one.pk}/")
    open_as(leo, f"/inbox/{one.pk}/")
    for name in ("Ben", "Cara", "Dan"):
        user = people.create(
            people.Person(name.lower(), name, "chief", superuser=True), "correct-horse-battery"
        )
        open_as(user, f"/inbox/{one.pk}/")
    expect(page.locator(".looking")).to_have_text(re.compile("^4 others are looking at this$"))
