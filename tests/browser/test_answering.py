"""The answer, in a real browser: fields of every kind, reasons, confirmation, drafts."""

import re
from typing import Any

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from flows.models import Interrupt, Response
from flows.services import executions, interrupts
from tests.browser.conftest import OpenAs
from tests.durable import until
from tests.site import Site

SCHEMA = {
    "type": "object",
    "required": ["name", "lines"],
    "properties": {
        "name": {"type": "string", "title": "Name", "minLength": 3, "x-ui": {"placeholder": "Ann Lee"}},
        "mail": {"type": "string", "title": "Mail", "format": "email"},
        "size": {"enum": ["S", "M", "L"], "title": "Size"},
        "tags": {"type": "array", "title": "Tags", "items": {"enum": ["new", "old", "rare"]}},
        "at": {"type": "string", "format": "date-time", "title": "Pickup"},
        "address": {
            "type": "object",
            "title": "Address",
            "properties": {"street": {"type": "string"}, "gate": {"type": "boolean"}},
        },
        "lines": {
            "type": "array",
            "title": "Lines",
            "description": "What is paid back.",
            "items": {
                "type": "object",
                "required": ["item", "price"],
                "properties": {
                    "item": {"type": "string", "title": "Item"},
                    "price": {"type": "number", "title": "Price", "minimum": 1},
                },
            },
        },
    },
}
ACTIONS = [
    {"id": "erase", "label": "Erase", "style": "destructive", "confirm": "ERASE", "approved": False},
    {
        "id": "reject",
        "label": "Reject",
        "style": "danger",
        "reason": "required",
        "reasons": ["Billed twice", "Too late"],
    },
    {"id": "approve", "label": "Approve", "style": "primary"},
]
RICH: dict[str, Any] = {
    "title": "Order 4711",
    "payload": {"question": "Ship this order?", "actions": ACTIONS},
    "response_schema": SCHEMA,
}


def ask(by: User | None = None, title: str = "Refund", payload: Any = None, **options: Any) -> Interrupt:
    """A waiting question that the site's own worker has asked."""
    payload = {"title": title} | (payload or {})
    given = {"type": "approval", "payload": payload, "policy": {"groups": ["Finance"]}} | options
    execution = executions.start(flow="ask", input=given, by=by)
    return until(lambda: Interrupt.objects.filter(execution=execution).first())


def typed_into(page: Page) -> None:
    page.get_by_label("Name").fill("Ann Lee")
    page.get_by_label("Mail").fill("ann@example.com")
    page.get_by_label("M", exact=True).check()
    page.get_by_label("rare").check()
    page.get_by_label("Street").fill("High Street")
    page.get_by_label("Item").first.fill("Chair")
    page.get_by_label("Price").first.fill("12.5")


def test_every_kind_of_field_arrives_as_the_schema_says(open_as: OpenAs, rita: User, fiona: User) -> None:
    item = ask(rita, **RICH)
    page = open_as(fiona, "/inbox/", timezone_id="Europe/Berlin")
    page.goto(f"/inbox/{item.pk}/")
    typed_into(page)
    expect(page.get_by_text("Time in Europe/Berlin.")).to_be_visible()
    page.get_by_label("Pickup").fill("2026-12-31T17:00")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_label("Item")).to_have_count(2)
    expect(page.get_by_label("Item").nth(1)).to_be_focused()
    page.get_by_label("Item").nth(1).fill("Table")
    page.get_by_label("Price").nth(1).fill("40")
    page.get_by_role("button", name="Add").click()  # left empty: it does not count
    expect(page.get_by_label("Item")).to_have_count(3)
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("You approved this")).to_be_visible()
    assert Response.objects.get(interrupt=item).value["data"] == {
        "name": "Ann Lee",
        "mail": "ann@example.com",
        "size": "M",
        "tags": ["rare"],
        "at": "2026-12-31T16:00:00Z",
        "address": {"street": "High Street", "gate": False},
        "lines": [{"item": "Chair", "price": 12.5}, {"item": "Table", "price": 40}],
    }


def test_errors_stand_at_their_fields_and_the_first_has_the_cursor(
    open_as: OpenAs, rita: User, fiona: User
) -> None:
    item = ask(rita, **RICH)
    page = open_as(fiona, f"/inbox/{item.pk}/")
    typed_into(page)
    page.get_by_label("Name").fill("An")
    page.get_by_label("Price").fill("0.5")
    page.get_by_role("button", name="Approve").click()
    wrong = page.get_by_role("alert").filter(has_text="2 things need another look")
    expect(wrong).to_contain_text("Name: Must have at least 3 characters.")
    expect(page.get_by_label("Name")).to_be_focused()
    expect(page.get_by_label("Name")).to_have_value("An")
    wrong.get_by_role("link", name="Lines 1, price").click()
    expect(page.get_by_label("Price")).to_be_focused()
    expect(page.locator(".row[data-leaving]")).to_have_count(0)
    assert not Response.objects.exists()


def test_a_row_goes_without_disturbing_the_others(open_as: OpenAs, rita: User, fiona: User) -> None:
    item = ask(rita, **RICH)
    page = open_as(fiona, f"/inbox/{item.pk}/")
    typed_into(page)
    page.get_by_role("button", name="Add").click()
    page.get_by_label("Item").nth(1).fill("Table")
    page.get_by_role("button", name="Remove lines 1").click()
    expect(page.get_by_label("Item")).to_have_count(1)
    expect(page.get_by_label("Item")).to_have_value("Table")
    expect(page.get_by_label("Name")).to_have_value("Ann Lee")


def test_a_reason_is_asked_for_and_one_tap_gives_it(open_as: OpenAs, rita: User, fiona: User) -> None:
    item = ask(rita, **RICH)
    page = open_as(fiona, f"/inbox/{item.pk}/")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("“Reject” needs a reason.").first).to_be_visible()
    expect(page.get_by_label("Reason")).to_be_focused()
    page.get_by_label("Billed twice").check()
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("You rejected this")).to_be_visible()
    assert Response.objects.get(interrupt=item).value["comment"] == "Billed twice"


def test_what_destroys_is_asked_about_first(open_as: OpenAs, rita: User, fiona: User) -> None:
    item = ask(rita, **RICH)
    page = open_as(fiona, f"/inbox/{item.pk}/")
    page.get_by_label("Reason").fill("Half a thought")
    page.get_by_role("button", name="Erase").click()
    expect(page.get_by_label("Type ERASE to confirm")).to_be_focused()
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
    expect(page.get_by_label("Reason")).to_have_value("Half a thought")
    page.get_by_role("button", name="Erase").click()
    page.get_by_label("Type ERASE to confirm").fill("erase")
    page.get_by_role("button", name="Yes, erase").click()
    expect(page.get_by_text("exactly as it is written")).to_be_visible()
    page.get_by_label("Type ERASE to confirm").fill("ERASE")
    page.keyboard.press("Enter")
    assert not Response.objects.exists()
    page.get_by_role("button", name="Yes, erase").click()
    expect(page.get_by_text("You rejected this")).to_be_visible()
    assert Response.objects.get(interrupt=item).value["action"] == "erase"


def test_all_of_it_works_without_scripts(
    site: Site, browser: Any, open_as: OpenAs, rita: User, fiona: User
) -> None:
    following, item = ask(rita, "The next one"), ask(rita, **RICH, undo_seconds=60)
    cookies = open_as(fiona, "/inbox/").context.cookies()
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"/inbox/{item.pk}/")
    typed_into(page)
    page.get_by_role("button", name="Add").click()
    page.get_by_label("Item").nth(1).fill("Table")
    page.get_by_role("button", name="Remove lines 1").click()
    page.get_by_role("button", name="Erase").click()
    page.get_by_label("Type ERASE to confirm").fill("ERASE")
    page.get_by_role("button", name="Yes, erase").click()
    expect(page.get_by_role("heading", level=1, name="The next one")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(re.compile(f"/inbox/{item.pk}/$"))
    expect(page.get_by_label("Name")).to_have_value("Ann Lee")
    expect(page.get_by_label("Item")).to_have_value("Table")
    assert reload_item(item).is_waiting
    assert reload_item(following).is_waiting
    context.close()


def reload_item(item: Interrupt) -> Interrupt:
    return Interrupt.objects.get(pk=item.pk)


def test_a_draft_comes_back_on_another_device_and_after_a_closed_laptop(
    open_as: OpenAs, rita: User, fiona: User, leo: User
) -> None:
    item = ask(rita, **RICH, policy={"groups": ["Finance", "Legal"]})
    laptop = open_as(fiona, f"/inbox/{item.pk}/")
    typed_into(laptop)
    laptop.get_by_label("Reason").fill("On the train")
    expect(laptop.get_by_text("Draft saved")).to_be_visible()
    until(lambda: fiona.drafts.filter(data__isnull=False).first().data.get("comment") == ["On the train"])
    laptop.context.close()

    phone = open_as(fiona, f"/inbox/{item.pk}/", viewport={"width": 360, "height": 740})
    expect(phone.get_by_label("Reason")).to_have_value("On the train")
    expect(phone.get_by_label("Item")).to_have_value("Chair")
    expect(phone.get_by_label("rare")).to_be_checked()
    expect(phone.get_by_role("alert").filter(has_text="another look")).to_have_count(0)
    other = open_as(leo, f"/inbox/{item.pk}/")
    expect(other.get_by_label("Reason")).to_have_value("")

    interrupts.decide(interrupt_id=item.pk, answer={"approved": False, "action": "erase"}, by=leo)
    phone.goto(f"/inbox/{item.pk}/")
    expect(phone.get_by_role("heading", name="What you had typed")).to_be_visible()
    expect(phone.get_by_label("Reason")).to_have_value("On the train")
    expect(phone.get_by_label("Reason")).not_to_be_editable()


def test_older_typing_never_overwrites_newer(open_as: OpenAs, rita: User, fiona: User) -> None:
    item = ask(rita, **RICH)
    desk, phone = (open_as(fiona, f"/inbox/{item.pk}/") for _ in range(2))
    phone.get_by_label("Reason").fill("From the phone")
    expect(phone.get_by_text("Draft saved")).to_be_visible()
    desk.get_by_label("Reason").fill("From the desk")
    expect(desk.get_by_text("You typed something newer elsewhere")).to_be_visible()
    expect(desk.get_by_label("Reason")).to_have_value("From the desk")
    assert fiona.drafts.get().data["comment"] == ["From the phone"]
    desk.get_by_role("button", name="Keep this").click()
    expect(desk.get_by_text("Draft saved")).to_be_visible()
    assert fiona.drafts.get().data["comment"] == ["From the desk"]


def test_a_draft_is_discarded_and_gone_after_the_answer(open_as: OpenAs, rita: User, fiona: User) -> None:
    item, other = ask(rita), ask(rita, "Other")
    page = open_as(fiona, f"/inbox/{item.pk}/")
    page.get_by_label("Comment").fill("Nonsense")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_label("Comment")).to_have_value("")
    assert fiona.drafts.get().data == {}
    page.get_by_label("Comment").press_sequentially("Sense", delay=100)  # as people type
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    expect(page).to_have_url(re.compile(str(other.pk)))
    expect(page.get_by_label("Comment")).to_have_value("")
    assert not fiona.drafts.exists()
    assert Response.objects.get().value["comment"] == "Sense"
