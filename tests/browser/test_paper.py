"""On paper: all that was asked, answered and done, and nothing of the frame."""

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from flows.models import Execution
from flows.services import interrupts
from tests.browser.conftest import OpenAs
from tests.web.conftest import Ask
from tests.web.conftest import ask as ask

LINES = "\n".join(f"line {number}" for number in range(30))
FRAME = (".side", ".crumb", ".button", ".toasts", ".answer", ".actions")


def on_paper(page: Page) -> None:
    page.emulate_media(media="print")
    for part in FRAME:
        for found in page.locator(part).all():
            expect(found).to_be_hidden()


def test_a_question_prints_with_its_history_answer_and_digest(
    open_as: OpenAs, ask: Ask, fiona: User, rita: User
) -> None:
    body = "See [the ticket](https://tickets.example/4411)."
    diff = {"type": "diff", "title": "Contract", "before": LINES, "after": LINES + "!"}
    item = ask({"title": "x", "body": body, "blocks": [diff]}, title="Refund Ann", requester=rita)
    interrupts.decide(interrupt_id=item.pk, answer={"approved": True, "comment": "Fine"}, by=fiona)
    page = open_as(fiona, f"/inbox/{item.pk}/")
    page.get_by_role("link", name="Print").click()
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    on_paper(page)
    for said in ("Refund Ann", "Fiona", "Fine", item.digest, "History of this question", "line 12"):
        expect(page.get_by_text(said).last).to_be_visible()
    address = page.get_by_role("link", name="the ticket").evaluate(
        "e => getComputedStyle(e, '::after').content"
    )
    assert "https://tickets.example/4411" in address


def test_what_only_others_may_see_cannot_be_printed(open_as: OpenAs, ask: Ask, leo: User) -> None:
    item = ask(title="Refund Ann")
    page = open_as(leo, "/inbox/")
    assert page.goto(f"/inbox/{item.pk}/paper/").status == 404


def test_an_execution_prints_whole(open_as: OpenAs, ask: Ask, rita: User) -> None:
    item = ask(title="Refund Ann", requester=rita)
    Execution.objects.filter(pk=item.execution_id).update(input={"customer": "Meridian Foods"})
    page = open_as(rita, f"/executions/{item.execution_id}/")
    expect(page.get_by_text("Meridian Foods")).to_be_hidden()
    on_paper(page)
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    expect(page.get_by_text("Meridian Foods")).to_be_visible()
