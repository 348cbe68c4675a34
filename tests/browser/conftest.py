"""Browsers for people. A page that violates the policy or logs an error fails its test."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.site import Site

EXPECTED = (
    "the server responded with a status of 4",  # the browser logs every 404, 409 and 422
    "htmx:afterRequest",  # a page that is left gives up what it was fetching
    "htmx:sendError",
    "Response Status Error Code 401",
    "htmx:sendAbort",  # a newer answer takes the place of one on its way
)
OpenAs = Callable[..., Page]
PATIENCE = 30_000  # milliseconds, for a machine that is busy with other things
expect.set_options(timeout=PATIENCE)


@pytest.fixture
def expected() -> tuple[str, ...]:
    """What the browser may log; a test that breaks something allows more."""
    return EXPECTED


@pytest.fixture
def open_as(site: Site, browser: Browser, expected: tuple[str, ...]) -> Iterator[OpenAs]:
    """Open an address in a browser of its own, signed in as a person."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(user: User, path: str, **options: object) -> Page:
        context = browser.new_context(base_url=site.url, **options)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site.url}])
        page = context.new_page()
        page.on(
            "console", lambda message: complaints.append(message.text) if is_bad(message, expected) else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        page.locator("html[data-live=on]").wait_for(state="attached")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def is_bad(message: object, expected: tuple[str, ...]) -> bool:
    return message.type in ("error", "warning") and not any(text in message.text for text in expected)
