"""The database goes away under a page: what was typed stays, and everything goes on by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from flows.services import executions
from tests.browser.conftest import EXPECTED, OpenAs
from tests.durable import until
from tests.faults import reach
from tests.faults.proxy import Mode, Proxy
from tests.site import Site, running

AWAY = 10_000  # milliseconds; a page waits 5 s for a connection before it says 503
BACK = 15_000


@pytest.fixture
def expected() -> tuple[str, ...]:
    return (*EXPECTED, "status of 503", "Status Error Code 503", "WebSocket connection to")


@pytest.fixture
def proxy(transactional_db: None) -> Iterator[Proxy]:
    proxy = Proxy(reach.socket_of_the_test_database())
    yield proxy
    proxy.close()


@pytest.fixture
def site(proxy: Proxy, tmp_path: Path) -> Iterator[Site]:
    with running(tmp_path / "log", **reach.environment(reach.url_through(proxy.port))) as site:
        yield site
        proxy.heal()


def test_an_answer_is_kept_in_its_form_until_the_database_is_back(
    open_as: OpenAs, proxy: Proxy, fiona: User
) -> None:
    execution = executions.start(flow="ask", input={})
    interrupt = until(lambda: execution.interrupts.first())
    page = open_as(fiona, f"/inbox/{interrupt.pk}/")
    page.get_by_label("Comment").fill("A thousand is fair.")
    proxy.become(Mode.RESET)
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#notice")).to_contain_text("The database does not answer right now", timeout=AWAY)
    expect(page.get_by_label("Comment")).to_have_value("A thousand is fair.")
    proxy.heal()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("You approved this")).to_be_visible(timeout=BACK)
    expect(page.locator("#notice")).to_be_empty()


def test_a_page_that_could_not_be_shown_appears_by_itself(open_as: OpenAs, proxy: Proxy, fiona: User) -> None:
    page = open_as(fiona, "/inbox/")
    proxy.become(Mode.RESET)
    page.goto("/inbox/", timeout=3 * AWAY)
    expect(page.get_by_role("heading", name="One moment")).to_be_visible(timeout=AWAY)
    proxy.heal()
    expect(page.get_by_text("Your inbox is empty")).to_be_visible(timeout=BACK)
    page.locator("html[data-live=on]").wait_for(state="attached")
