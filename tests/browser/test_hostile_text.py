"""Text of others never becomes more than text: no script, no dialog, no violation, no page that is too wide.

`open_as` fails a test whose page logs an error, which every violation of the policy is.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page

from approvals_site import people
from flows.models import Event, Execution, Interrupt, Response
from tests import corpus
from tests.browser.conftest import OpenAs
from tests.site import Site, running
from tests.web.conftest import Ask
from tests.web.conftest import ask as ask

SMALL = {"width": 360, "height": 740}
PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
TOO_WIDE = """wide => {
  const clips = (e) => getComputedStyle(e).overflowX !== 'visible';
  const clipped = (e) => e && e !== document.body && (clips(e) || clipped(e.parentElement));
  const right = (e) => e.getBoundingClientRect().left + Math.max(e.scrollWidth, e.offsetWidth || 0);
  const found = (e) => right(e) > wide + 1 && !clipped(e.parentElement);
  return [...document.querySelectorAll('body *')].filter(found)
    .map((e) => Math.round(right(e)) + ' ' + e.outerHTML.slice(0, 120)).slice(-6);
}"""
TRICKS = list(enumerate(corpus.ALL))


@pytest.fixture(scope="module")
def _started_site(django_db_setup: None, tmp_path_factory: Any) -> Iterator[Site]:
    """With the flows of hostile names."""
    with running(tmp_path_factory.mktemp("site") / "log", APPROVALS_TEST_HOSTILE="1") as site:
        yield site
        print(site.log.read_text())


@pytest.fixture
def mallory(db: None) -> User:
    """Called what they had better not be, in a group of that kind."""
    text = "<img src=x onerror=alert(1)>\u202e"
    user = people.create(people.Person(text, text, "reviewer", group=text), "x")
    user.groups.add(Group.objects.get_or_create(name="Finance")[0])
    return user


def payload_of(text: str) -> dict[str, Any]:
    """`text` in every place of a payload."""
    facts = [{"label": text, "value": text, "kind": kind} for kind in ("", "money", "link", "email", "code")]
    blocks: list[Any] = [
        {"type": "diff", "title": text, "name": text, "before": text, "after": text + "\n" + text},
        {
            "type": "table",
            "title": text,
            "caption": text,
            "columns": [text, "b"],
            "rows": [[text, 1], {"b": text}],
        },
        {"type": "code", "name": text, "text": text, "language": "html"},
        {"type": "code", "text": text, "language": text},
        {"type": "image", "src": PIXEL, "alt": text + "x", "caption": text},
        {"type": "image", "src": text, "alt": text},
        {"type": "file", "name": text, "text": text, "media_type": text},
        {"type": "json", "title": text, "value": {text: [text, {text: None}]}},
        {"type": text, text: text},
        text,
    ]
    call = {"name": text, "args": {text: text}, "description": text}
    return {
        **dict.fromkeys(("title", "question", "summary", "body", text), text),
        "consequence": {"approve": text, "reject": text},
        "facts": facts,
        "blocks": blocks,
        "proposed": [
            {"id": "0", **call},
            {"id": "1", **call, "args_schema": {"type": "object", "properties": {text: {"title": text}}}},
        ],
        "actions": [
            {"id": "approve", "label": text, "then": text},
            {"id": "reject", "label": text, "then": text},
        ],
    }


def schema_of(text: str) -> dict[str, Any]:
    choices = {
        "enum": [text, 5],
        "title": text,
        "description": text,
        "x-ui": {"help": text, "placeholder": text},
    }
    return {"type": "object", "properties": {"a": choices, text: {"type": "string", "title": text}}}


def looked_at(page: Page, path: str, *, wide: int = 360) -> None:
    """Go there, unfold everything, and see that nothing ran and nothing sticks out."""
    page.goto(path)
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    page.locator("html[data-live=on]").wait_for(state="attached")
    assert page.evaluate("window.hacked") is None, path
    assert page.evaluate("document.documentElement.scrollWidth") <= wide, (
        path,
        page.evaluate(TOO_WIDE, wide),
    )
    assert "/accounts/" not in page.url


def watched(page: Page) -> list[str]:
    """The dialogs that the page will have opened."""
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on(
        "request", lambda request: dialogs.append(request.url) if "elsewhere.example" in request.url else None
    )
    return dialogs


@pytest.mark.parametrize("part", range(4))
def test_a_question_with_hostile_text_in_every_field(
    open_as: OpenAs, ask: Ask, mallory: User, fiona: User, part: int
) -> None:
    page = open_as(mallory, "/inbox/", viewport=SMALL)
    dialogs = watched(page)
    for _, text in TRICKS[part::4]:
        options = {"response_schema": schema_of(text), "initial": {"a": text, text: text}}
        item = ask(payload_of(text), title=text[:200].strip() or "x", requester=fiona, **options)
        looked_at(page, f"/inbox/{item.pk}/")
    looked_at(page, f"/inbox/{item.pk}/background/")
    looked_at(page, "/inbox/")
    assert dialogs == []


@pytest.mark.parametrize("part", range(2))
def test_answers_failures_and_histories_with_hostile_text(
    open_as: OpenAs, ask: Ask, mallory: User, admin: User, part: int
) -> None:
    page = open_as(admin, "/executions/", viewport=SMALL)
    dialogs = watched(page)
    for number, text in TRICKS[part::2]:
        item = ask({"title": text}, title=text[:200].strip() or "x", response_schema=schema_of(text))
        closed(item, mallory, text, failed=number % 2 == 0)
        looked_at(page, f"/inbox/{item.pk}/")
        looked_at(page, f"/executions/{item.execution_id}/")
    looked_at(page, "/executions/")
    assert dialogs == []


def closed(item: Interrupt, by: User, text: str, *, failed: bool) -> None:
    """As if it had been answered with that text, and the execution had failed or ended with it."""
    value = {"approved": True, "action": text, "comment": text, "data": {"a": text, text: text}}
    Response.objects.create(
        interrupt=item, execution=item.execution, value=value, by=by, door="browser", digest=item.digest
    )
    Interrupt.objects.filter(pk=item.pk).update(status="answered", closed_at=item.created_at)
    changes = {
        "status": "completed",
        "result": {text: text},
        "input": {text: text},
        "finished_at": item.created_at,
    }
    if failed:
        error = {"step": text, "type": text, "message": text, "traceback": text}
        changes = {"status": "failed", "error": error}
    Execution.objects.filter(pk=item.execution_id).update(**changes)
    for kind, detail in (("execution.reported", {"item": text}), ("execution.cancelled", {"reason": text})):
        Event.objects.create(execution=item.execution, kind=kind, actor=by, detail=detail, door="browser")
    Event.objects.create(
        execution=item.execution, interrupt=item, kind="interrupt.answered", actor=by, detail={"value": value}
    )


def test_flows_with_hostile_names(open_as: OpenAs, mallory: User) -> None:
    page = open_as(mallory, "/flows/", viewport=SMALL)
    dialogs = watched(page)
    looked_at(page, "/flows/")
    for number in range(len(corpus.SHORT)):
        looked_at(page, f"/flows/hostile_{number}/")
    assert dialogs == []


def test_a_word_of_64_kilobytes(open_as: OpenAs, ask: Ask, fiona: User) -> None:
    page = open_as(fiona, "/inbox/", viewport=SMALL)
    for payload in (
        {"title": "x", "question": corpus.HUGE, "summary": corpus.HUGE},
        {"body": corpus.HUGE, "facts": {corpus.HUGE: 1}},
        {
            "blocks": [
                {"type": "code", "text": corpus.HUGE},
                {"type": "diff", "before": "", "after": corpus.HUGE},
            ]
        },
        {"blocks": [{"type": "table", "rows": [[corpus.HUGE]]}], corpus.HUGE: 5},
        {"proposed": [{"name": "x", "args": {"a": corpus.HUGE}}]},
    ):
        looked_at(page, f"/inbox/{ask(payload, title='W' * 200).pk}/")
