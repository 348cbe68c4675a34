"""Deciding many questions together: the table, the answers, and taking them back."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from flows.models import Interrupt
from flows.services import bulk
from flows.services.bulk import Given, Result, Run
from flows.web.bulk.choice import Choice, by_id, chosen, listed, matching, of_ids
from flows.web.bulk.columns import columns_of
from flows.web.bulk.finished import finished, said_of
from flows.web.bulk.sent import SentRow, SentTable, written
from flows.web.bulk.shapes import Shape, key_of, why_single
from flows.web.bulk.sharing import NOT_OFFERED, NotTogether, Sharing
from flows.web.bulk.table import Batch, Outcomes, batches_of, rows_of
from flows.web.filters import Filters
from flows.web.pages import count_text, page, piece, posted, signed_in
from flows.web.reader import zone_of

Results = dict[UUID, Result]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def together(request: HttpRequest) -> HttpResponseBase:
    """The table of what was chosen; what it sends comes here as well."""
    if request.method == "POST":
        return answered(request)
    return table(request, chosen(request), {})


@require_safe
@signed_in
def count(request: HttpRequest) -> HttpResponseBase:
    """How many the filters match, as it is shown."""
    found = matching(request, Filters.of(request.GET))
    return HttpResponse(count_text(len(found)), headers={"Cache-Control": "no-store"})


def table(request: HttpRequest, choice: Choice, more: dict[str, Any]) -> HttpResponseBase:
    shape = choice.shape(request.GET.get("shape", ""))
    context: dict[str, Any] = {"nav": "inbox", "choice": choice, "tabs": choice.tabs(shape), "shape": shape}
    if shape:
        columns = columns_of(shape.interrupts)
        sent = [SentRow(interrupt.pk, interrupt.digest) for interrupt in shape.interrupts]
        rows = rows_of(sent, {interrupt.pk: interrupt for interrupt in shape.interrupts}, columns)
        context |= drawn(Sharing(shape, zone=zone_of(request)), columns, rows)
    return page(request, "bulk/page.html", {**context, **more, "query": choice.filters.query()})


def drawn(sharing: Sharing, columns: list[Any], rows: list[Any]) -> dict[str, Any]:
    """What the table and the form beside it are drawn of."""
    return {
        "sharing": sharing,
        "answering": sharing.answering,
        "shape": sharing.shape,
        "columns": columns,
        "sent_columns": [written(column) for column in columns],
        "batches": batches_of(rows),
        "following": sum(1 for row in rows if row.is_open and not row.sent.own),
    }


# -- answering ----------------------------------------------------------------------
def answered(request: HttpRequest) -> HttpResponseBase:
    """Without scripts everything in one request; with them what is common first, then part after part."""
    sent = SentTable.of(request.POST)
    interrupts = by_id(request, [row.id for row in sent.rows])
    of_it = [i for row in sent.rows if (i := interrupts.get(row.id)) and key_of(i) == sent.shape]
    if not of_it:
        return nothing_left(request, sent)
    sharing = Sharing(Shape(sent.shape, of_it), sent, zone=zone_of(request))
    step = request.POST.get("step") if request.headers.get("HX-Request") else None
    if step == "part":
        results = decided(request, sharing, interrupts)
        return part(request, sharing, interrupts, results)
    if not sharing.is_valid(sent.rows) or not sharing.is_confirmed(sent.rows):
        return refused(request, sharing, interrupts)
    if step == "check":
        return begun(request, sharing)
    return whole(request, sharing, interrupts, decided(request, sharing, interrupts))


def decided(request: HttpRequest, sharing: Sharing, interrupts: dict[UUID, Interrupt]) -> Results:
    """Decide every row that is not left out; the result of each."""
    assert sharing.sent is not None
    results: Results = {}
    given = []
    rows = [row for row in sharing.sent.rows if not row.is_left_out]
    is_confirmed = bool(request.POST.get("confirmed"))
    for row in rows:
        try:
            given.append(given_for(row, sharing, interrupts.get(row.id), is_confirmed=is_confirmed))
        except NotTogether as error:
            results[row.id] = Result(row.id, bulk.Outcome.REFUSED, reason=str(error), can_change=True)
    address = request.META.get("REMOTE_ADDR")
    run = Run(request.user, sharing.sent.request_id, address, sharing.sent.left)
    return results | {result.interrupt_id: result for result in bulk.decide_all(given, run)}


def given_for(row: SentRow, sharing: Sharing, interrupt: Interrupt | None, *, is_confirmed: bool) -> Given:
    """The answer of one row; raises NotTogether. What this person may not see, `decide` refuses itself."""
    if interrupt is None:
        return Given(row.id, None)
    if interrupt.pk not in sharing.ids or why_single(interrupt):
        raise NotTogether(gettext(NOT_OFFERED))
    action = sharing.action_of(row)
    if action and action.is_destructive and not is_confirmed:
        told = gettext("“%(action)s” has to be confirmed first.")
        raise NotTogether(told % {"action": action.label})
    return Given(row.id, sharing.answer(row, interrupt), row.digest or None)


# -- what is shown then -------------------------------------------------------------
def refused(request: HttpRequest, sharing: Sharing, interrupts: dict[UUID, Interrupt]) -> HttpResponseBase:
    """The form again, with what is wrong or what is asked first."""
    context = sent_context(sharing, interrupts, {})
    if request.headers.get("HX-Request"):
        return piece(request, "bulk/_deciding.html", context, status=422)
    return page(request, "bulk/page.html", {**context, **around(request, sharing)}, status=422)


def begun(request: HttpRequest, sharing: Sharing) -> HttpResponseBase:
    """The form as it will be sent with each part, which the page then does."""
    assert sharing.sent is not None
    total = sum(1 for row in sharing.sent.rows if not row.is_left_out)
    context = {"sharing": sharing, "is_running": True, "total": total, "shape": sharing.shape}
    response = piece(request, "bulk/_deciding.html", context)
    return trigger_client_event(response, "together-run", after="settle")  # type: ignore[no-any-return]


def part(
    request: HttpRequest, sharing: Sharing, interrupts: dict[UUID, Interrupt], results: Results
) -> HttpResponseBase:
    assert sharing.sent is not None
    rows = rows_of(sharing.sent.rows, interrupts, sharing.sent.columns, results)
    number = request.POST.get("batch") or ""
    batch = Batch(int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else 0, rows)
    context = {"batch": batch, "sharing": sharing, "columns": sharing.sent.columns}
    return piece(request, "bulk/_batch.html", context)


def whole(
    request: HttpRequest, sharing: Sharing, interrupts: dict[UUID, Interrupt], results: Results
) -> HttpResponseBase:
    """The page with the result of each row."""
    outcomes = Outcomes.of(results.values())
    context = sent_context(sharing, interrupts, results) | finished(request, outcomes)
    return page(request, "bulk/page.html", {**context, **around(request, sharing)})


def sent_context(sharing: Sharing, interrupts: dict[UUID, Interrupt], results: Results) -> dict[str, Any]:
    assert sharing.sent is not None
    columns = sharing.sent.columns
    rows = rows_of(sharing.sent.rows, interrupts, columns, results)
    return drawn(sharing, columns, rows) | {"open_rows": sum(1 for row in rows if row.is_open)}


def around(request: HttpRequest, sharing: Sharing) -> dict[str, Any]:
    choice = of_ids(request, Filters.of(request.GET), [])
    return {"nav": "inbox", "choice": choice, "shape": sharing.shape, "query": choice.filters.query()}


def nothing_left(request: HttpRequest, sent: SentTable) -> HttpResponseBase:
    """None of the rows is anything that this person may decide here."""
    notice = gettext("These questions are not here any more, or are not yours to answer.")
    if request.headers.get("HX-Request"):
        return piece(request, "bulk/_deciding.html", {"notice": notice}, status=409)
    choice = of_ids(request, Filters.of(request.GET), [])
    context = {"nav": "inbox", "choice": choice, "notice": notice, "query": choice.filters.query()}
    return page(request, "bulk/page.html", context, status=409)


@posted
@signed_in
def finish(request: HttpRequest) -> HttpResponseBase:
    """After the last part: what it came to, and the form again for the rows that are still open."""
    sent = SentTable.of(request.POST)
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(reverse("inbox"), status=303)
    context = finished(request, said_of(request.POST.getlist("was")))
    left = [i for i in by_id(request, [row.id for row in sent.rows]).values() if key_of(i) == sent.shape]
    if left:
        sharing = Sharing(Shape(sent.shape, left), sent, zone=zone_of(request), is_judged=False)
        context |= {"sharing": sharing, "answering": sharing.answering, "shape": sharing.shape}
        context |= {"sent_columns": [written(column) for column in sent.columns]}
        context["following"] = sum(1 for row in sent.rows if not row.own)
    return piece(request, "bulk/_finished.html", {**context, "open_rows": len(left), "nav": "inbox"})


@posted
@signed_in
def undo(request: HttpRequest) -> HttpResponseBase:
    """Take back all of them that still can be, and show their table again."""
    ids = listed(request.POST.get("ids", "").split(","))
    told = bulk.undo_all(ids, by=request.user)
    back = [id for id, why in told.items() if not why]
    choice = of_ids(request, Filters.of(request.GET), back)
    late = len(ids) - len(back)
    return table(request, choice, {"undone": len(back), "not_undone": late})
