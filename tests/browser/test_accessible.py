"""axe-core finds nothing wrong on any page, in any state, in both themes, wide and narrow."""

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from flows.models import Event, Execution, Interrupt, Response
from tests.browser.conftest import OpenAs
from tests.browser.looking import Looking
from tests.site import Site
from tests.web.conftest import Ask
from tests.web.conftest import ask as ask

PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
LINES = "\n".join(f"line {number}" for number in range(30))
RICH = {
    "title": "Refund Ann",
    "question": "Shall we?",
    "summary": "She was billed twice.",
    "body": "# Why\n\nSee [the ticket](https://example.com), `code`.\n\n|a|b|\n|---|---|\n|1|2|\n\n> quoted",
    "consequence": {"approve": "The money is sent", "reject": "Ann gets a letter"},
    "facts": [
        {"label": "Amount", "value": 12.5, "kind": "money", "currency": "EUR"},
        {"label": "Mail", "value": "ann@example.com", "kind": "email"},
        {"label": "Detail", "value": {"a": [1, {"b": None}]}},
    ],
    "blocks": [
        {
            "type": "diff",
            "title": "Contract",
            "name": "contract.txt",
            "before": LINES,
            "after": LINES + "!\nx",
        },
        {
            "type": "table",
            "title": "Lines",
            "columns": ["Item", "Price"],
            "rows": [["Chair", 12], ["Desk", 80]],
        },
        {
            "type": "code",
            "title": "Script",
            "name": "run.py",
            "language": "python",
            "text": "def f():\n    return 'x'  # y",
        },
        {"type": "image", "title": "Photo", "src": PIXEL, "alt": "A crate", "caption": "As it arrived"},
        {"type": "file", "title": "Invoice", "name": "invoice.txt", "text": "12.50"},
        {"type": "json", "title": "Raw", "value": {"a": [1, 2, {"b": True}], "c": "text"}},
    ],
    "proposed": [
        {"id": "1", "name": "send_money", "args": {"to": "Ann"}, "description": "Sends *money*."},
        {"id": "2", "name": "send_mail", "args": {"to": "Ann", "copies": 2}},
    ],
    "other": {"hidden\u202etext": 1},
}
SCHEMA = {
    "type": "object",
    "properties": {
        "amount": {"type": "number", "title": "Amount", "minimum": 1},
        "why": {"type": "string", "title": "Why", "enum": ["a", "b", "c"]},
        "many": {"type": "array", "title": "Many", "items": {"enum": ["x", "y"]}, "uniqueItems": True},
        "when": {"type": "string", "format": "date-time", "title": "When"},
        "sure": {"type": "boolean", "title": "Sure"},
        "to": {
            "type": "object",
            "title": "To",
            "properties": {"mail": {"type": "string", "format": "email"}},
        },
        "lines": {
            "type": "array",
            "title": "Lines",
            "items": {"type": "object", "properties": {"item": {"type": "string"}}, "required": ["item"]},
        },
    },
    "required": ["amount", "why"],
}
ACTIONS = [
    {"id": "approve", "label": "Approve"},
    {"id": "erase", "label": "Erase", "style": "destructive", "confirm": "ERASE", "approved": True},
    {"id": "reject", "label": "Reject", "reason": "required", "reasons": ["Too dear", "Not ours"]},
]
VIEWS = ("mine", "groups", "snoozed", "done")


@pytest.fixture
def looking() -> Looking:
    looking = Looking()
    yield looking
    print(looking)
    assert looking.found == {}
    assert looking.pages


def test_the_inbox_in_every_state(
    open_as: OpenAs, ask: Ask, fiona: User, stranger: User, rita: User, looking: Looking
) -> None:
    for number in range(3):
        item = ask(
            title=f"Refund number {number}", requester=rita, priority=number + 1, due_at=timezone.now()
        )
    page = open_as(fiona, "/inbox/")
    looking.at(page, "list")
    for view in VIEWS:
        looking.to(page, f"/inbox/?view={view}")
    looking.to(page, "/inbox/?q=nothing+like+it&priority=2&due=overdue")
    looking.to(page, "/inbox/?flow=refund&sort=due")
    for button in ("Filter", "Saved views", "Account"):
        page.get_by_role("button", name=button, exact=False).first.click()
        looking.at(page, button)
        page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    looking.at(page, "help")
    page.goto(f"/inbox/{item.pk}/")
    page.get_by_role("button", name="Snooze").first.click()
    looking.at(page, "snooze")
    looking.at(open_as(stranger, "/inbox/"), "empty")


def test_a_question_with_everything(
    open_as: OpenAs, ask: Ask, fiona: User, rita: User, looking: Looking
) -> None:
    item = ask(
        RICH | {"title": "x"}, response_schema=SCHEMA, requester=rita, due_at=timezone.now(), priority=3
    )
    page = open_as(fiona, f"/inbox/{item.pk}/")
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    page.locator(".history").wait_for()
    looking.at(page, "question")
    page.get_by_role("button", name="Approve").last.click()
    page.get_by_role("alert").filter(has_text="another look").wait_for()
    looking.at(page, "errors")
    looking.to(page, f"/inbox/{item.pk}/background/")
    looking.to(page, f"/inbox/{item.pk}/paper/")


def test_answering(open_as: OpenAs, ask: Ask, fiona: User, looking: Looking) -> None:
    asked = ask({"title": "Amount?"}, type="human_input", title="Amount?", response_schema=SCHEMA)
    erasing = ask({"title": "Erase?", "actions": ACTIONS}, title="Erase?")
    page = open_as(fiona, f"/inbox/{asked.pk}/")
    page.get_by_role("spinbutton", name="Amount").fill("3")
    page.get_by_text("Draft saved").wait_for()
    page.locator(".list .button", has_text="Add").click()
    page.locator(".entry").wait_for()
    looking.at(page, "human input with a draft")
    looking.to(page, f"/inbox/{erasing.pk}/")
    page.get_by_role("button", name="Erase").click()
    page.locator(".confirm").wait_for()
    looking.at(page, "confirmation")
    page.get_by_role("button", name="Yes, erase").click()
    page.locator("#confirmation_error").wait_for()
    looking.at(page, "confirmation, wrong")
    page.get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Approve").click()
    page.locator(".toast").wait_for()
    looking.at(page, "toast")


def test_what_is_closed(open_as: OpenAs, ask: Ask, fiona: User, leo: User, looking: Looking) -> None:
    page = open_as(fiona, "/inbox/")
    for by in (fiona, leo):
        item = ask(title="Answered", audience=("g:Finance", "g:Legal"))
        closed(
            item, by, {"approved": by == fiona, "action": "x", "comment": "Fine", "data": {"a": 1, "b": "c"}}
        )
        looking.to(page, f"/inbox/{item.pk}/")
    for status, execution in (("cancelled", "cancelled"), ("expired", "completed"), ("suspended", "failed")):
        item = ask(title=status)
        at = None if status == "suspended" else timezone.now()
        Interrupt.objects.filter(pk=item.pk).update(status=status, closed_at=at, closed_reason="Not needed")
        Execution.objects.filter(pk=item.execution_id).update(status=execution)
        looking.to(page, f"/inbox/{item.pk}/")
    looking.to(page, "/inbox/?view=done")


def test_executions_flows_and_settings(
    open_as: OpenAs, ask: Ask, fiona: User, admin: User, stranger: User, looking: Looking
) -> None:
    page = open_as(admin, "/executions/")
    looking.at(page, "no executions")
    for number, status in enumerate(("waiting", "failed", "completed", "cancelled", "running")):
        item = ask(title=status, requester=fiona)
        error = (
            {"step": "pay", "type": "Refused", "message": "No money", "traceback": "File x"}
            if number == 1
            else None
        )
        Execution.objects.filter(pk=item.execution_id).update(
            status=status, error=error, result={"paid": True} if number == 2 else None
        )
        if number:
            closed(
                item,
                fiona,
                {"approved": True, "action": "approve", "comment": None, "data": {}},
                status=status,
            )
        page.goto(f"/executions/{item.execution_id}/")
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        looking.at(page, f"execution {status}")
    for path in (
        "/executions/",
        "/executions/?status=failed",
        "/flows/",
        "/flows/refund/",
        "/settings/?saved",
    ):
        looking.to(page, path)
    page.goto("/flows/refund/")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("alert").first.wait_for()
    looking.at(page, "start form with errors")
    looking.to(open_as(stranger, "/"), "/flows/plain/")


def test_pages_outside(site: Site, browser: Browser, open_as: OpenAs, fiona: User, looking: Looking) -> None:
    page = browser.new_page(base_url=site.url)
    page.goto("/accounts/login/?next=/inbox/")
    looking.at(page, "sign in")
    page.get_by_label("Username").fill("fiona")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    looking.at(page, "refused")
    page.goto("/nowhere/")
    looking.at(page, "404")
    for name in ("400", "403", "403_csrf", "500", "503"):
        shown_instead(page, name)
        looking.at(page, name)
    page.close()


def test_that_it_would_be_noticed(open_as: OpenAs, fiona: User) -> None:
    """A test that cannot fail proves nothing."""
    looking = Looking()
    page = open_as(fiona, "/inbox/")
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    looking.at(page, "broken")
    assert any("image-alt: " in wrong for wrongs in looking.found.values() for wrong in wrongs)


def closed(item: Interrupt, by: User, value: dict[str, object], *, status: str = "completed") -> None:
    """As if it had been answered, and the execution had gone on."""
    Response.objects.create(
        interrupt=item, execution=item.execution, value=value, by=by, door="command", digest=item.digest
    )
    Interrupt.objects.filter(pk=item.pk).update(status="answered", closed_at=item.created_at)
    Execution.objects.filter(pk=item.execution_id).update(status=status)
    Event.objects.create(
        execution=item.execution, interrupt=item, kind="interrupt.answered", actor=by, detail={"value": value}
    )


def shown_instead(page: Page, name: str) -> None:
    """The page for a failure, in the place of the one for signing in."""
    html = render_to_string(f"{name}.html", {"again": "/inbox/", "seconds": 60})
    page.route("**/failed/", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto("/failed/")
    page.unroute("**/failed/")
