"""A connection that is lost is said, and the page catches up by itself when it is back."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import EXPECTED, OpenAs
from tests.browser.test_arrivals import asked
from tests.durable import until
from tests.site import Site


@pytest.fixture
def expected() -> tuple[str, ...]:
    return (*EXPECTED, "WebSocket connection to", "ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_REFUSED")


def test_without_network_the_page_says_so_and_catches_up(site: Site, open_as: OpenAs, fiona: User) -> None:
    page = open_as(fiona, "/inbox/")
    page.context.set_offline(True)
    expect(page.get_by_text("Offline. Reconnecting…")).to_be_visible()
    asked("One")
    page.context.set_offline(False)
    expect(page.locator(".row")).to_have_count(1)
    expect(page.get_by_text("Offline. Reconnecting…")).to_be_hidden()


def test_after_a_restart_of_the_server_the_page_catches_up(site: Site, open_as: OpenAs, fiona: User) -> None:
    page = open_as(fiona, "/inbox/")
    web = site.children.pop("web")
    web.terminate()
    web.wait(60)
    expect(page.get_by_text("Offline. Reconnecting…")).to_be_visible()
    asked("One")
    site.start_web()
    site.wait_until_up()
    expect(page.locator("html[data-live=on]")).to_be_attached()
    expect(page.locator(".row")).to_have_count(1)


def test_a_connection_that_died_in_silence_is_noticed(
    site: Site, open_as: OpenAs, fiona: User, browser: object
) -> None:
    """As after sleep: the socket looks open, and nothing comes through it any more."""
    page = open_as(fiona, "/flows/")
    dead: list[bool] = []
    page.route_web_socket("**/live/", silent_while(lambda: bool(dead)))
    page.goto("/inbox/")
    expect(page.locator("html[data-live=on]")).to_be_attached()
    dead.append(True)
    asked("One")
    page.evaluate("dispatchEvent(new Event('online'))")  # what a laptop says that wakes up elsewhere
    expect(page.get_by_text("Offline. Reconnecting…")).to_be_visible()
    dead.clear()
    expect(page.locator(".row")).to_have_count(1)
    expect(page.get_by_text("Offline. Reconnecting…")).to_be_hidden()


def silent_while(is_dead: Callable[[], bool]) -> Callable[[WebSocketRoute], None]:
    def routed(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        route.on_message(lambda text: None if is_dead() else server.send(text))
        server.on_message(lambda text: None if is_dead() else route.send(text))

    return routed


def test_many_pages_do_not_come_back_at_once(site: Site, open_as: OpenAs, fiona: User) -> None:
    """Each page waits for a time of its own, and for longer each time."""
    page = open_as(fiona, "/flows/")
    assert len({round(wait) for wait in waits(page)}) >= 5


def waits(page: Page) -> list[float]:
    """How long, in milliseconds, the page waits before each of eight attempts."""
    page.add_init_script(
        """window.waits = []; const later = setTimeout;
        window.setTimeout = (work, after) => {
            if (work.name === "open") { window.waits.push(after); after = 0; }
            return later(work, after);
        };"""
    )
    page.route_web_socket("**/live/", lambda route: route.close())
    page.goto("/inbox/")
    until(lambda: page.evaluate("window.waits.length >= 8"))
    found = page.evaluate("window.waits")[:8]
    assert all(200 <= wait <= 20_200 for wait in found)
    assert max(found[3:]) > 2_700, found  # the first is at most that
    return found
