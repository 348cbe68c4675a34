"""By keyboard, by thumb, by ear: what axe-core cannot see."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenAs
from tests.web.conftest import Ask
from tests.web.conftest import ask as ask

SMALL = {"width": 360, "height": 740}
THUMB = 44
FOCUSED = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  const ring = [at, at.closest("label"), at.parentElement].some((e) => {
    const s = e && getComputedStyle(e);
    return s && s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0;
  });
  const seen = box.width > 0 && box.height > 0 && style.visibility === "visible";
  return { name: at.outerHTML.slice(0, 90), ring, seen };
}"""
CUT_OFF = """() => [...document.querySelectorAll("button, a, label, h1, h2, p, b")]
  .filter((e) => e.checkVisibility() && !e.closest(".visually-hidden, .skip, .rows, .views, .sorts"))
  .filter((e) => getComputedStyle(e).overflowX === "visible" && e.clientWidth > 0)
  .filter((e) => e.scrollWidth > e.clientWidth + 1)
  .map((e) => e.outerHTML.slice(0, 120))"""


def test_every_stop_of_the_tab_key_is_seen(open_as: OpenAs, ask: Ask, fiona: User) -> None:
    for number in range(2):
        item = ask(title=f"Refund {number}")
    page = open_as(fiona, f"/inbox/{item.pk}/")
    stops = []
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        at = page.evaluate(FOCUSED)
        assert at["ring"], at
        assert at["seen"], at
        stops.append(at["name"])
    assert "skip" in stops[0]
    assert len(set(stops)) > 12
    assert any("button approve" in stop for stop in stops)


@pytest.mark.parametrize("name", ["Filter", "Saved views", "Snooze", "Account"])
def test_what_pops_up_closes_on_escape_and_gives_the_cursor_back(
    open_as: OpenAs, ask: Ask, fiona: User, name: str
) -> None:
    item = ask(title="Refund Ann")
    page = open_as(fiona, f"/inbox/{item.pk}/")
    opener = page.get_by_role("button", name=name).first
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[popover]:popover-open")).to_have_count(1)
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('[popover]')")
    page.keyboard.press("Escape")
    expect(page.locator("[popover]:popover-open")).to_have_count(0)
    expect(opener).to_be_focused()


def test_after_an_answer_the_next_item_has_the_cursor_and_the_message_is_a_status(
    open_as: OpenAs, ask: Ask, fiona: User
) -> None:
    first, second = ask(title="Refund Ann"), ask(title="Refund Bob")
    page = open_as(fiona, f"/inbox/{second.pk}/")
    said = page.locator("#toast")
    expect(said).to_have_attribute("role", "status")  # there before anything is said in it
    page.get_by_role("button", name="Approve").click()
    expect(said).to_contain_text("Refund Bob")
    expect(page.locator(f"#reading-{first.pk}")).to_be_focused()


def test_what_a_thumb_presses_is_large_enough(open_as: OpenAs, ask: Ask, fiona: User) -> None:
    item = ask(title="Refund Ann")
    page = open_as(fiona, "/inbox/", viewport=SMALL)
    assert smallest(page, ".row, .nav a, .account, .find .button, .search input, .views a") >= THUMB
    page.goto(f"/inbox/{item.pk}/")
    assert smallest(page, ".actions .button, .nav a, .item-head .button, .back") >= THUMB


def smallest(page: Page, selector: str) -> float:
    """The least height of what a thumb has to hit, in CSS pixels."""
    shown = page.locator(selector).and_(page.locator(":visible"))
    sizes = shown.evaluate_all(
        "all => all.map(e => [e.getBoundingClientRect().height, e.outerHTML.slice(0, 80)])"
    )
    assert sizes
    print(sorted(sizes)[:4])
    return min(size for size, _ in sizes)


@pytest.mark.parametrize("wide, size", [(1280, "200%"), (640, "100%"), (320, "100%")])
def test_larger_text_and_400_percent_lose_nothing(
    open_as: OpenAs, ask: Ask, fiona: User, wide: int, size: str
) -> None:
    item = ask({"title": "Refund Ann", "summary": "She was billed twice."}, title="Refund Ann")
    page = open_as(fiona, "/inbox/", viewport={"width": wide, "height": 720})
    for path in ("/inbox/", f"/inbox/{item.pk}/", "/settings/", "/executions/", "/flows/refund/"):
        page.goto(path)
        page.evaluate("size => document.documentElement.style.fontSize = size", size)
        assert page.evaluate("document.documentElement.scrollWidth") <= wide, path
        assert page.evaluate(CUT_OFF) == [], path


def test_without_colours_of_our_own_what_is_chosen_and_focused_still_shows(
    open_as: OpenAs, ask: Ask, fiona: User
) -> None:
    item = ask(title="Refund Ann")
    page = open_as(fiona, f"/inbox/{item.pk}/", forced_colors="active")
    for chosen in (".row[aria-current]", ".nav a[aria-current]", ".views a[aria-current]"):
        shown = page.locator(chosen).evaluate(
            "e => [getComputedStyle(e).outlineStyle, getComputedStyle(e).borderLeftStyle]"
        )
        assert set(shown) != {"none"}, chosen
