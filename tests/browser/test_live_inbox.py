"""The main job, end to end, in several browsers at once."""

import re
import time

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from flows.services import executions
from tests.browser.conftest import OpenAs

SOON = 3_000  # milliseconds; the promise is one second after the commit


def start_refund(page: Page, amount: str = "1240") -> None:
    page.goto("/flows/refund/")
    page.get_by_label("Customer").fill("Meridian Foods")
    page.get_by_label("Amount in €").fill(amount)
    page.get_by_label("Billed twice").check()
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/executions/*/")


def test_a_question_appears_is_answered_and_disappears_everywhere(
    open_as: OpenAs, rita: User, fiona: User, leo: User, admin: User
) -> None:
    finance, legal, chief = open_as(fiona, "/inbox/"), open_as(leo, "/inbox/"), open_as(admin, "/flows/")
    expect(finance.get_by_text("Your inbox is empty")).to_be_visible()
    requester = open_as(rita, "/flows/")
    start_refund(requester)

    for inbox in (finance, legal):
        expect(inbox.locator(".row")).to_have_text(
            re.compile("Refund €1,240.00 to Meridian Foods"), timeout=SOON
        )
        expect(inbox).to_have_title("(1) Inbox · Approvals", timeout=SOON)
    expect(chief.locator("#inbox-count")).to_have_text(re.compile("1"), timeout=SOON)
    expect(chief).to_have_title("(1) Flows · Approvals", timeout=SOON)
    expect(requester.locator("#execution")).to_contain_text("Waiting", timeout=SOON)

    finance.locator(".row").click()
    expect(finance).to_have_url(re.compile(r"/inbox/[0-9a-f-]{36}/$"))
    finance.get_by_label("Amount to pay in €").fill("1000")
    finance.get_by_label("Comment").fill("A thousand is fair.")
    finance.get_by_role("button", name="Approve").click()

    expect(finance.get_by_text("You approved this")).to_be_visible()
    expect(finance.locator(".outcome")).to_contain_text("Completed", timeout=SOON)
    for inbox in (finance, legal):
        expect(inbox.locator(".row")).to_have_count(0, timeout=SOON)
        expect(inbox).not_to_have_title(re.compile(r"^\("), timeout=SOON)
    expect(requester.locator("#execution")).to_contain_text("Completed", timeout=SOON)
    expect(requester.locator("#execution")).to_contain_text("Fiona approved", timeout=SOON)
    expect(requester.locator("#execution")).to_contain_text("1000")


def test_a_row_appears_within_a_second_of_the_start(open_as: OpenAs, rita: User, fiona: User) -> None:
    inbox = open_as(fiona, "/inbox/")
    given = {"customer": "Ann", "amount": 99, "reason": "Billed twice"}
    executions.start(flow="refund", input=given, by=rita)
    began = time.monotonic()
    inbox.locator(".row").wait_for()
    took = time.monotonic() - began
    print(f"row visible {took:.3f} s after the start")
    assert took < 2  # one second is the promise; two, because other tests share the machine


def test_opening_an_item_wins_over_updates_that_arrive_meanwhile(
    open_as: OpenAs, rita: User, fiona: User
) -> None:
    page = open_as(fiona, "/inbox/")
    for amount in range(60, 68):
        given = {"customer": "Ann", "amount": amount, "reason": "Billed twice"}
        executions.start(flow="refund", input=given, by=rita)
        if amount > 60:
            page.get_by_role("button", name="1 new").click()  # an item is open, so nothing moves by itself
        expect(page.locator(".row")).to_have_count(amount - 59, timeout=SOON)
        executions.start(flow="refund", input={**given, "amount": 5}, by=rita)
        page.locator(".row").last.click() if amount % 2 else page.locator(".row").first.click()
        shown = "€60.00" if amount % 2 else f"€{amount}.00"
        expect(page.locator("article h1")).to_have_text(f"Refund {shown} to Ann")
        expect(page.locator(".row[aria-current]")).to_contain_text(shown)


def test_who_types_is_not_disturbed(open_as: OpenAs, rita: User, fiona: User) -> None:
    requester, reviewer = open_as(rita, "/flows/"), open_as(fiona, "/inbox/")
    start_refund(requester)
    reviewer.locator(".row").click()
    comment = reviewer.get_by_label("Comment")
    comment.fill("Half a sentence")
    start_refund(requester, "77")
    expect(reviewer.get_by_role("button", name="1 new")).to_be_visible(timeout=SOON)
    expect(reviewer).to_have_title(re.compile(r"^\(2\) "))
    expect(reviewer.locator(".row")).to_have_count(1)
    expect(comment).to_be_focused()
    expect(comment).to_have_value("Half a sentence")


def test_an_answer_of_somebody_else_closes_the_form_and_keeps_the_text(
    open_as: OpenAs, rita: User, fiona: User, leo: User
) -> None:
    requester = open_as(rita, "/flows/")
    start_refund(requester)
    fast, slow = open_as(leo, "/inbox/"), open_as(fiona, "/inbox/")
    slow.locator(".row").click()
    slow.get_by_label("Comment").fill("I was about to say")
    fast.locator(".row").click()
    fast.get_by_label("Comment").fill("No.")
    fast.get_by_role("button", name="Reject").click()

    expect(slow.get_by_text("Leo rejected this")).to_be_visible(timeout=SOON)
    expect(slow.get_by_label("Comment")).not_to_be_editable()
    expect(slow.get_by_label("Comment")).to_have_value("I was about to say")
    expect(slow.get_by_role("button", name="Approve")).to_be_hidden()


def test_a_refused_answer_keeps_what_was_typed(open_as: OpenAs, rita: User, fiona: User) -> None:
    start_refund(open_as(rita, "/flows/"))
    page = open_as(fiona, "/inbox/")
    page.locator(".row").click()
    page.get_by_label("Amount to pay in €").fill("5000")
    page.get_by_label("Comment").fill("More than asked")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Must be at most 1240.", exact=True)).to_be_visible()
    expect(page.get_by_label("Amount to pay in €")).to_be_focused()
    expect(page.get_by_label("Comment")).to_have_value("More than asked")
    page.get_by_label("Amount to pay in €").press("Enter")  # sends nothing
    expect(page.get_by_role("button", name="Approve")).to_be_visible()


def test_an_inbox_can_be_worked_by_keyboard(open_as: OpenAs, rita: User, fiona: User) -> None:
    requester = open_as(rita, "/flows/")
    for amount in ("60", "70", "80"):
        start_refund(requester, amount)
    page = open_as(fiona, "/inbox/")
    expect(page.locator(".row")).to_have_count(3)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator("article h1")).to_have_text("Refund €80.00 to Meridian Foods")
    page.keyboard.press("/")
    page.keyboard.type("jk")
    expect(page.locator("#search")).to_have_value("jk")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Nothing is open")).to_be_visible()


def test_who_was_signed_out_keeps_the_text_and_sends_it_after_signing_in(
    open_as: OpenAs, rita: User, fiona: User
) -> None:
    start_refund(open_as(rita, "/flows/"))
    page = open_as(fiona, "/inbox/")
    page.locator(".row").click()
    page.get_by_label("Comment").fill("Written before lunch")
    other_tab = page.context.new_page()
    other_tab.goto("/flows/")
    other_tab.get_by_role("button", name="Account").click()
    other_tab.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("You are signed out. Sign in again")).to_be_visible()
    expect(page.get_by_label("Comment")).to_have_value("Written before lunch")

    other_tab.get_by_label("Username").fill("fiona")
    other_tab.get_by_label("Password").fill("correct-horse-battery")
    other_tab.get_by_role("button", name="Sign in").click()
    other_tab.wait_for_url("**/inbox/")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("You approved this")).to_be_visible()
    expect(page.get_by_text("Written before lunch")).to_be_visible()
