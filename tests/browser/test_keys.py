"""The inbox by keyboard, and what comes after an answer."""

import re

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from flows.models import Interrupt, Response
from flows.services import interrupts, preferences
from tests.browser.conftest import OpenAs
from tests.browser.test_answering import ask
from tests.durable import until

NEEDED = {"actions": [{"id": "reject", "reason": "required"}, {"id": "approve"}]}
AMOUNT = {"type": "object", "properties": {"amount": {"type": "number", "title": "Amount"}}}


def titled(page: Page, title: str) -> None:
    expect(page.locator("article h1")).to_have_text(title)


def test_a_whole_pile_is_worked_off_by_keys_alone(open_as: OpenAs, rita: User, fiona: User) -> None:
    items = [ask(rita, f"Refund {n}", payload=NEEDED, response_schema=AMOUNT) for n in range(4)]
    page = open_as(fiona, "/inbox/")
    expect(page.locator(".row")).to_have_count(4)
    for key in ("j", "j", "k", "o"):
        page.keyboard.press(key)
    titled(page, "Refund 3")
    page.keyboard.press("a")
    titled(page, "Refund 2")
    expect(page.locator(".row")).to_have_count(3)

    page.keyboard.press("r")
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.type("a reason, jkaru?")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    titled(page, "Refund 1")

    expect(page.locator("section.reading")).to_be_focused()  # the item that opened by itself has got it
    page.keyboard.press("e")
    expect(page.get_by_label("Amount")).to_be_focused()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    titled(page, "Refund 0")
    page.keyboard.press("a")
    expect(page.get_by_text("Your inbox is empty")).to_be_visible()

    said = {r.interrupt_id: r.value for r in Response.objects.all()}
    assert [said[item.pk]["action"] for item in items] == ["approve", "approve", "reject", "approve"]
    assert said[items[1].pk]["data"] == {"amount": 7}
    assert said[items[2].pk]["comment"] == "a reason, jkaru?\n"


def test_after_an_answer_the_next_row_opens_and_undo_brings_it_back(
    open_as: OpenAs, rita: User, fiona: User
) -> None:
    for number in range(3):
        ask(rita, f"Refund {number}", undo_seconds=60)
    page = open_as(fiona, "/inbox/")
    page.locator(".row").nth(1).click()
    titled(page, "Refund 1")
    page.get_by_label("Comment").fill("Half a sentence")
    page.get_by_role("button", name="Approve").click()
    titled(page, "Refund 0")
    expect(page.get_by_label("Comment")).to_have_value("")
    expect(page.locator(".row")).to_have_count(2)
    expect(page.locator(".row[aria-current]")).to_contain_text("Refund 0")
    toast = page.locator(".toast")
    expect(toast).to_contain_text("Approved Refund 1")
    expect(toast.get_by_role("button")).to_contain_text(re.compile(r"Undo \d\d"))
    page.reload()
    titled(page, "Refund 0")
    page.go_back()
    page.locator("html[data-live=on]").wait_for(state="attached")
    expect(page.get_by_text("You approved this")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Comment")).to_have_value("Half a sentence")
    expect(page.locator(".row")).to_have_count(3)


def test_u_takes_back_the_last_answer_with_what_was_typed(open_as: OpenAs, rita: User, fiona: User) -> None:
    for number in range(2):
        ask(rita, f"Refund {number}", undo_seconds=60)
    page = open_as(fiona, "/inbox/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    titled(page, "Refund 1")
    page.get_by_label("Comment").fill("Not yet")
    page.keyboard.press("Control+Enter")
    titled(page, "Refund 0")
    page.keyboard.press("u")
    titled(page, "Refund 1")
    expect(page.get_by_label("Comment")).to_have_value("Not yet")
    expect(page.locator(".toast")).to_have_count(0)
    expect(page.locator(".row")).to_have_count(2)
    assert not Response.objects.exists()


def test_the_time_to_undo_is_counted_down_and_ends(open_as: OpenAs, rita: User, fiona: User) -> None:
    ask(rita, "Refund 0")
    ask(rita, "Refund 1", undo_seconds=6)
    page = open_as(fiona, "/inbox/")
    page.locator(".row").first.click()
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".toast progress")).to_be_visible()
    expect(page.locator(".toast")).to_have_count(0)
    until(lambda: Interrupt.objects.get(title="Refund 1").execution.status == "completed")


def test_who_is_too_late_to_undo_is_told_and_keeps_what_is_typed_now(
    open_as: OpenAs, rita: User, fiona: User
) -> None:
    ask(rita, "Refund 0")
    item = ask(rita, "Refund 1", undo_seconds=60)
    page = open_as(fiona, f"/inbox/{item.pk}/")
    page.get_by_role("button", name="Approve").click()
    titled(page, "Refund 0")
    page.get_by_label("Comment").fill("About the next one")
    interrupts.undo(interrupt_id=item.pk, by=fiona)
    interrupts.decide(interrupt_id=item.pk, answer={"approved": False}, by=fiona)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("cannot be taken back any more")
    titled(page, "Refund 0")
    expect(page.get_by_label("Comment")).to_have_value("About the next one")


def test_a_refusal_brings_the_row_back_with_the_reason_and_the_text(
    open_as: OpenAs, rita: User, fiona: User
) -> None:
    ask(rita, "Refund 0")
    item = ask(rita, "Refund 1")
    page = open_as(fiona, f"/inbox/{item.pk}/")
    page.get_by_label("Comment").fill("My view")
    page.locator("input[name=digest]").evaluate("field => field.value = '0'.repeat(64)")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("The question is not the one that was shown.")).to_be_visible()
    titled(page, "Refund 1")
    expect(page.get_by_label("Comment")).to_have_value("My view")
    expect(page.locator(".row[aria-current]")).to_contain_text("Refund 1")
    expect(page.locator(".row")).to_have_count(2)
    page.get_by_role("button", name="Approve").click()
    titled(page, "Refund 0")


def test_the_help_lists_the_keys_and_stops_them_while_it_is_open(
    open_as: OpenAs, rita: User, fiona: User
) -> None:
    item = ask(rita)
    page = open_as(fiona, f"/inbox/{item.pk}/")
    expect(page.get_by_role("button", name="Approve")).to_have_attribute("title", "Approve (a)")
    page.keyboard.press("?")
    help = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(help).to_contain_text("Undo the last answer")
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    expect(help).to_be_hidden()
    assert not Response.objects.exists()


def test_keys_with_other_modifiers_do_nothing(open_as: OpenAs, rita: User, fiona: User) -> None:
    item = ask(rita)
    page = open_as(fiona, f"/inbox/{item.pk}/")
    for keys in ("Alt+a", "Meta+a", "Control+a"):
        page.keyboard.press(keys)
    page.keyboard.press("r")
    expect(page.get_by_label("Comment")).to_be_focused()
    assert not Response.objects.exists()


def test_keys_can_be_switched_off_for_good(open_as: OpenAs, rita: User, fiona: User) -> None:
    item = ask(rita)
    page = open_as(fiona, "/inbox/")
    page.get_by_role("button", name="Account").click()
    page.get_by_role("link", name="Settings").click()
    page.get_by_role("checkbox", name="Keyboard shortcuts").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    assert preferences.of(fiona).shortcuts is False

    elsewhere = open_as(fiona, f"/inbox/{item.pk}/")
    elsewhere.keyboard.press("?")
    elsewhere.keyboard.press("a")
    expect(elsewhere.get_by_role("dialog")).to_have_count(0)
    expect(elsewhere.get_by_role("button", name="Approve")).not_to_have_attribute("title", re.compile("."))
    elsewhere.get_by_label("Comment").fill("By hand")
    assert not Response.objects.exists()
    elsewhere.keyboard.press("Control+Enter")
    expect(elsewhere.get_by_text("You approved this")).to_be_visible()
