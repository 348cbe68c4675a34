"""The tab tells that something waits, and so does the browser for who wants it."""

import re

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenAs
from tests.browser.test_arrivals import asked
from tests.durable import until

# Chromium without a screen shows none, so what the page asks for is written down. The page can be hidden.
RECORD = """
window.told = [];
window.Notification = class {
    static get permission() { return window.leave ?? "granted"; }
    static requestPermission() { window.asked = (window.asked ?? 0) + 1; window.leave = window.reply; }
    constructor(title, options) { window.told.push([title, options.body, options.tag]); }
};
Object.defineProperty(document, "hidden", { get: () => Boolean(window.away) });
"""


def go_away(page: Page) -> None:
    page.evaluate("window.away = true; document.dispatchEvent(new Event('visibilitychange'))")
    page.evaluate("localStorage.setItem('notify-seen', '0')")  # as if that were a while ago


def switched_on(open_as: OpenAs, user: User, choice: str) -> Page:
    page = open_as(user, "/flows/")
    page.context.add_init_script(RECORD)
    page.goto("/settings/")
    page.get_by_label(choice).check()
    page.goto("/inbox/")
    expect(page.locator("html[data-live=on]")).to_be_attached()
    until(lambda: page.evaluate("localStorage.getItem('notify-known')"))
    return page


def test_title_and_icon_of_the_tab_follow_the_inbox(site: object, open_as: OpenAs, fiona: User) -> None:
    page = open_as(fiona, "/flows/")
    icon = page.locator("link[rel=icon]")
    expect(icon).to_have_attribute("href", re.compile(r"favicon\.[^/]*svg$"))
    asked("One")
    expect(page).to_have_title("(1) Flows · Approvals")
    expect(icon).to_have_attribute("href", re.compile("favicon-waiting"))
    page.reload()
    expect(icon).to_have_attribute("href", re.compile("favicon-waiting"))


def test_each_new_question_is_told_once_while_nobody_sees_the_page(
    site: object, open_as: OpenAs, fiona: User
) -> None:
    asked("There before")
    page = switched_on(open_as, fiona, "On, with the title")
    go_away(page)
    (one,) = asked("Buy a boat")
    until(lambda: page.evaluate("window.told.length"))
    assert page.evaluate("window.told") == [["A new question", "Buy a boat", str(one.pk)]]
    (two,) = asked("Sell it")
    until(lambda: page.evaluate("window.told.length > 1"))
    assert [tag for *_, tag in page.evaluate("window.told")] == [str(one.pk), str(two.pk)]


def test_without_leave_for_it_the_title_is_not_told(site: object, open_as: OpenAs, fiona: User) -> None:
    page = switched_on(open_as, fiona, "On, without what it is about")
    go_away(page)
    asked("Buy a boat")
    until(lambda: page.evaluate("window.told.length"))
    assert page.evaluate("window.told[0][1]") == "Somebody waits for your answer."


def test_none_while_the_page_is_seen(site: object, open_as: OpenAs, fiona: User) -> None:
    page = switched_on(open_as, fiona, "On, with the title")
    (one,) = asked("Buy a boat")
    expect(page.locator(".row")).to_have_count(1)
    until(lambda: str(one.pk) in page.evaluate("localStorage.getItem('notify-known')"))
    assert page.evaluate("window.told") == []


def test_the_browser_is_asked_only_when_somebody_switches_them_on(
    site: object, open_as: OpenAs, fiona: User
) -> None:
    page = open_as(fiona, "/flows/")
    page.context.add_init_script(RECORD + "window.leave = 'default'; window.reply = 'denied';")
    page.goto("/settings/")
    assert page.evaluate("window.asked") is None
    expect(page.get_by_label("Off")).to_be_checked()
    page.get_by_label("On, with the title").click()
    expect(page.get_by_text("This browser does not allow them.")).to_be_visible()
    expect(page.get_by_label("Off")).to_be_checked()
    assert page.evaluate("window.asked") == 1
