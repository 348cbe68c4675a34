"""Every page, in both themes and down to 360 pixels: no violation, no error, nothing cut off."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import WebSocketRoute, expect

from flows.models import Execution, Interrupt
from flows.services import executions
from tests.browser.conftest import OpenAs
from tests.site import Site

INPUT = {
    "customer": "Meridian Foods",
    "amount": 1240,
    "reason": "Billed twice",
    "note": "Some **bold** words",
}


@pytest.fixture
def waiting(site: Site, open_as: OpenAs, rita: User, fiona: User) -> Interrupt:
    execution: Execution = executions.start(flow="refund", input=INPUT, by=rita)
    open_as(fiona, "/inbox/").locator(".row").wait_for()
    return Interrupt.objects.get(execution=execution)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_is_wider_than_a_small_screen(
    open_as: OpenAs, waiting: Interrupt, rita: User, fiona: User, theme: str
) -> None:
    visits = [
        (fiona, "/inbox/"),
        (fiona, f"/inbox/{waiting.pk}/"),
        (rita, "/flows/"),
        (rita, "/flows/refund/"),
        (rita, "/flows/document_review/"),
        (rita, "/executions/"),
        (rita, f"/executions/{waiting.execution_id}/"),
    ]
    for person, path in visits:
        page = open_as(person, path, viewport={"width": 360, "height": 740}, color_scheme=theme)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        page.context.close()


def test_sign_in_works_in_a_browser(site: Site, browser: object, fiona: User) -> None:
    page = browser.new_page(base_url=site.url)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto("/")
    page.get_by_label("Username").fill("fiona")
    page.get_by_label("Password").fill("correct-horse-battery")
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{site.url}/inbox/")
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert complaints == []
    page.close()


def test_a_form_works_without_scripts(
    site: Site, browser: object, waiting: Interrupt, fiona: User, open_as: OpenAs
) -> None:
    cookies = open_as(fiona, "/inbox/").context.cookies()
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"/inbox/{waiting.pk}/")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("You rejected this")).to_be_visible()
    context.close()


def test_a_lost_connection_is_shown_and_heals(open_as: OpenAs, fiona: User) -> None:
    page = open_as(fiona, "/inbox/")
    lines: list[WebSocketRoute] = []
    is_cut = False

    def between(line: WebSocketRoute) -> None:
        lines.append(line)
        line.close() if is_cut else line.connect_to_server()

    page.route_web_socket("**/live/", between)
    page.reload()
    page.locator("html[data-live=on]").wait_for(state="attached")
    is_cut = True
    lines[-1].close()
    expect(page.get_by_text("Offline. Reconnecting…")).to_be_visible()
    is_cut = False
    expect(page.get_by_text("Offline. Reconnecting…")).to_be_hidden(timeout=15_000)
