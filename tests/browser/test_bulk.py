"""Choosing rows of the list and deciding them together, in a real browser."""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, Route, expect

from flows.models import Interrupt, Response
from flows.services import interrupts
from tests.browser.conftest import EXPECTED, OpenAs
from tests.browser.test_answering import ask


@pytest.fixture
def expected() -> tuple[str, ...]:
    """One test cuts a connection."""
    return (*EXPECTED, "net::ERR_FAILED")


def many(rita: User, count: int, **options: object) -> list[Interrupt]:
    return [ask(rita, f"Refund {n}", undo_seconds=60, **options) for n in range(count)]


def row(page: Page, title: str):
    return page.locator("#questions tr", has_text=re.compile(rf"\b{title}\b"))


def test_rows_are_chosen_by_key_shift_and_all_at_once(open_as: OpenAs, rita: User, fiona: User) -> None:
    many(rita, 6)
    page = open_as(fiona, "/inbox/")
    said = page.locator("#chosen")
    for key in ("j", "x"):
        page.keyboard.press(key)
    expect(said).to_have_text("1 selected")
    page.locator(".choose").nth(4).click(modifiers=["Shift"])
    expect(said).to_have_text("5 selected")
    page.evaluate("htmx.trigger(document.body, 'inbox-changed')")
    page.locator(".row").nth(0).click()
    expect(page.locator("article h1")).to_be_visible()
    expect(said).to_have_text("5 selected")
    page.get_by_role("button", name="All on this page").click()
    expect(said).to_have_text("6 selected")
    page.get_by_role("button", name="Choose none").click()
    expect(page.locator("#choosing")).to_be_hidden()
    page.keyboard.press("x")
    expect(said).to_have_text("1 selected")
    page.locator(".row").nth(0).focus()
    page.keyboard.press("d")
    expect(page).to_have_url(re.compile("/inbox/together/"))
    expect(page.locator("#questions tbody tr")).to_have_count(1)


def test_all_that_match_are_decided_with_exceptions_a_refusal_and_undo(
    open_as: OpenAs, rita: User, fiona: User, leo: User
) -> None:
    items = many(rita, 53, policy={"groups": ["Finance", "Legal"]})
    page = open_as(fiona, "/inbox/?q=refund")
    page.locator(".choose").first.click()
    page.get_by_text("All 53 that match").click()
    expect(page.locator("#chosen")).to_have_text("53 selected")
    page.get_by_role("button", name="Decide together").click()
    expect(page.locator("#questions tbody tr")).to_have_count(53)

    row(page, "Refund 3").get_by_role("combobox").select_option("Reject")
    row(page, "Refund 3").get_by_role("textbox").fill("Too much")
    row(page, "Refund 4").get_by_role("combobox").select_option("Leave out")
    interrupts.decide(interrupt_id=items[1].pk, answer={"approved": False}, by=leo)
    page.locator("#id_comment").fill("Checked together")
    page.get_by_role("button", name="Approve 51").click()

    expect(page.locator(".toast")).to_contain_text("50 approved, 1 rejected")
    expect(row(page, "Refund 1")).to_contain_text("answered this already")
    expect(row(page, "Refund 3")).to_contain_text("Rejected")
    expect(page.locator("#deciding")).to_contain_text("1 not taken")
    expect(page.locator("#id_comment")).to_have_value("Checked together")
    said = {r.interrupt_id: r.value for r in Response.objects.filter(by=fiona)}
    assert len(said) == 51
    assert said[items[3].pk]["comment"] == "Too much"
    assert said[items[52].pk]["comment"] == "Checked together"
    assert items[4].pk not in said

    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("51 taken back.")).to_be_visible()
    expect(page.locator("#questions tbody tr")).to_have_count(51)
    expect(page.locator(".toast")).to_have_count(0)
    assert not Response.objects.filter(by=fiona).exists()


def test_a_broken_connection_loses_nothing_and_the_rest_is_sent_again(
    open_as: OpenAs, rita: User, fiona: User
) -> None:
    many(rita, 120)
    page = open_as(fiona, "/inbox/together/?all=1")
    parts: list[str] = []

    def cut(route: Route) -> None:
        """The second part is decided, and its answer lost."""
        is_part = "step=part" in (route.request.post_data or "")
        parts.extend(["part"] * is_part)
        if is_part and len(parts) == 2:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/inbox/together/", cut)
    page.get_by_role("button", name="Approve 120").click()
    expect(page.locator("#deciding")).to_contain_text("70 are still open")
    assert Response.objects.count() == 100
    first = set(Response.objects.values_list("pk", flat=True))
    page.get_by_role("button", name="Approve 70").click()
    expect(page.locator(".toast")).to_contain_text("120 approved")
    expect(page.locator("#questions tr[data-result=done]")).to_have_count(120)
    assert Response.objects.count() == 120
    assert first < set(Response.objects.values_list("pk", flat=True))


def test_what_cannot_be_taken_back_is_confirmed_once_and_by_keyboard(
    open_as: OpenAs, rita: User, fiona: User
) -> None:
    many(rita, 3, payload={"actions": [{"id": "erase", "style": "destructive"}, {"id": "keep"}]})
    page = open_as(fiona, "/inbox/together/?all=1")
    page.get_by_role("button", name="Erase 3").focus()
    page.keyboard.press("Enter")
    box = page.get_by_label("Type 3 to confirm")
    expect(box).to_be_focused()
    page.keyboard.type("3")
    page.keyboard.press("Enter")  # sends nothing
    page.get_by_role("button", name="Erase 3").click()
    expect(page.locator("#questions tr[data-result=done]")).to_have_count(3)
    assert {r.value["action"] for r in Response.objects.all()} == {"erase"}


def test_without_scripts_it_is_a_plain_form(open_as: OpenAs, rita: User, fiona: User, browser) -> None:
    many(rita, 3)
    signed_in = open_as(fiona, "/inbox/")
    context = browser.new_context(
        base_url=signed_in.url.split("/inbox")[0],
        java_script_enabled=False,
        storage_state=signed_in.context.storage_state(),
    )
    page = context.new_page()
    page.goto("/inbox/")
    page.locator(".choose").nth(0).click()
    page.locator(".choose").nth(2).click()
    page.get_by_role("button", name="Decide together").click()
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#questions tr[data-result=done]")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 taken back.")).to_be_visible()
    context.close()
