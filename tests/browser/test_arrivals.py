"""New, changed and closed rows come without moving the one that somebody is at."""

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Locator, Page, expect

from flows.models import Interrupt
from flows.services import executions, interrupts
from tests.browser.conftest import OpenAs
from tests.durable import until

YES = {"approved": True}


def asked(*titles: str) -> list[Interrupt]:
    """Questions for everybody, one after the other."""
    found = []
    for title in titles:
        execution = executions.start(
            flow="ask", input={"payload": {"title": title, "question": "?"}, "undo_seconds": 600}
        )
        found.append(until(execution.interrupts.first))
    return found


def titles(page: Page) -> list[str]:
    return page.locator(".row b").all_text_contents()


def place(row: Locator) -> float:
    return row.bounding_box()["y"]


def pill(page: Page, text: str) -> Locator:
    return page.get_by_role("button", name=text, exact=True)


def hovered(page: Page) -> None:
    page.locator(".row").nth(1).hover()


def focused(page: Page) -> None:
    page.locator(".row").nth(1).focus()


def opened(page: Page) -> None:
    page.locator(".row").nth(1).click()
    expect(page.locator("article h1")).to_be_visible()
    page.mouse.move(1100, 20)


@pytest.mark.parametrize("be_at", [hovered, focused, opened])
def test_new_rows_wait_behind_a_button(site: object, open_as: OpenAs, fiona: User, be_at: object) -> None:
    asked("One", "Two", "Three")
    page = open_as(fiona, "/inbox/")
    expect(page.locator(".row")).to_have_count(3)
    be_at(page)
    row = page.locator(".row").nth(1)
    before = place(row)
    asked("Four", "Five")
    expect(pill(page, "2 new")).to_be_visible()
    expect(page).to_have_title(re.compile(r"^\(5\) "))
    assert titles(page) == ["Three", "Two", "One"]
    assert place(row) == before
    pill(page, "2 new").click()
    expect(page.locator(".row")).to_have_count(5)
    assert titles(page) == ["Five", "Four", "Three", "Two", "One"]
    expect(page.locator(".arrived button")).to_have_count(0)


def test_nobody_at_the_list_sees_new_rows_appear(site: object, open_as: OpenAs, fiona: User) -> None:
    asked("One")
    page = open_as(fiona, "/inbox/")
    expect(page.locator(".row")).to_have_count(1)
    asked("Two")
    expect(page.locator(".row")).to_have_count(2)
    assert titles(page) == ["Two", "One"]


def test_a_row_that_somebody_answered_says_so_and_comes_back_when_it_is_undone(
    site: object, open_as: OpenAs, fiona: User, leo: User
) -> None:
    _, two, _ = asked("One", "Two", "Three")
    page = open_as(fiona, "/inbox/")
    page.locator(".row").nth(2).focus()
    before = place(page.locator(".row").nth(2))
    interrupts.decide(interrupt_id=two.pk, answer=YES, by=leo, door="browser")
    row = page.locator(f"#row-{two.pk}")
    expect(row).to_have_class("gone")
    expect(row).to_contain_text("approved by Leo")
    expect(page).to_have_title(re.compile(r"^\(2\) "))
    assert titles(page) == ["Three", "Two", "One"]
    assert place(page.locator(".row").nth(2)) == before
    interrupts.undo(interrupt_id=two.pk, by=leo, door="browser")
    expect(page.locator(".gone")).to_have_count(0)
    expect(page).to_have_title(re.compile(r"^\(3\) "))


def test_opening_an_item_moves_no_row(site: object, open_as: OpenAs, fiona: User, leo: User) -> None:
    one, two, _ = asked("One", "Two", "Three")
    page = open_as(fiona, "/inbox/")
    page.locator(".row").nth(2).hover()
    interrupts.decide(interrupt_id=two.pk, answer=YES, by=leo, door="browser")
    asked("Four")
    expect(pill(page, "1 new")).to_be_visible()
    expect(page.locator(f"#row-{two.pk}")).to_have_class("gone")
    page.locator(".row").nth(2).click()
    expect(page.locator("article h1")).to_have_text("One")
    assert titles(page) == ["Three", "Two", "One"]
    expect(pill(page, "1 new")).to_be_visible()
    assert page.url.endswith(f"/inbox/{one.pk}/")


def test_the_place_in_a_long_list_is_kept(site: object, open_as: OpenAs, fiona: User) -> None:
    asked(*(f"Number {number:02}" for number in range(30)))
    page = open_as(fiona, "/inbox/?q=Number")
    expect(page.locator(".row")).to_have_count(30)
    page.locator("#rows").evaluate("(rows) => rows.scrollTo(0, 500)")
    asked("Number 99", "Other")
    expect(pill(page, "1 new")).to_be_visible()
    assert page.locator("#rows").evaluate("(rows) => rows.scrollTop") == 500
    assert page.url.endswith("?q=Number")
    pill(page, "1 new").click()
    expect(page.locator(".row")).to_have_count(31)
    expect(page.locator(".row").first).to_contain_text("Number 99")
    assert page.locator("#rows").evaluate("(rows) => rows.scrollTop") == 0


def test_rows_that_come_below_are_simply_there(site: object, open_as: OpenAs, fiona: User) -> None:
    asked("One", "Two")
    page = open_as(fiona, "/inbox/?sort=oldest")
    page.locator(".row").first.focus()
    asked("Three")
    expect(page.locator(".row")).to_have_count(3)
    assert titles(page) == ["One", "Two", "Three"]


def test_what_a_person_may_not_see_any_more_goes_at_once(site: object, open_as: OpenAs, fiona: User) -> None:
    one, _ = asked("One", "Two")
    page = open_as(fiona, "/inbox/")
    page.locator(".row").first.focus()
    Interrupt.objects.filter(pk=one.pk).update(audience=["g:Legal"])
    asked("Three")
    expect(pill(page, "1 new")).to_be_visible()
    assert titles(page) == ["Two"]
