"""Executions: the list, one of them, and what can be done to it."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_safe

from flows import engine
from flows.models import Execution, Interrupt
from flows.models.execution import ExecutionQuerySet
from flows.models.interrupt import INBOX_TYPES
from flows.services import callbacks, errors, events, executions
from flows.web.background import drawing_of
from flows.web.history import entry
from flows.web.listing import flow_title, uuid_or_none
from flows.web.pages import page, piece, posted, signed_in, visible
from flows.web.question import Said, facts_of
from flows.web.steps import steps_of

ROWS = 50
STATUSES = {
    "": gettext_noop("All"),
    "waiting": gettext_noop("Waiting"),
    "running": gettext_noop("Running"),
    "failed": gettext_noop("Failed"),
    "completed": gettext_noop("Completed"),
}
GOING_ON = (engine.Status.CREATED, engine.Status.RUNNING)


@dataclass(frozen=True, slots=True)
class Asked:
    """An interrupt on the page of its execution; `is_mine` when this person may open it, `callback` where
    another program answers it, "" where people do."""

    interrupt: Interrupt
    answer: Said | None
    is_mine: bool
    callback: str


@require_safe
@signed_in
def execution_list(request: HttpRequest) -> HttpResponseBase:
    context = list_context(request)
    if request.headers.get("HX-Target") == "executions":
        return piece(request, "executions/_list.html", context)
    return page(request, "executions/list.html", {"nav": "executions", **context})


def list_context(request: HttpRequest) -> dict[str, Any]:
    status, before = request.GET.get("status", ""), uuid_or_none(request.GET.get("before", ""))
    found = visible_executions(request).order_by("-id")  # ids begin with the time
    if status in STATUSES and status:
        found = found.filter(status__in=GOING_ON if status == "running" else [status])
    if before:
        found = found.filter(pk__lt=before)
    found = found.annotate(asked=Subquery(last_title(request)))
    rows = list(found.defer("snapshot", "input", "result")[: ROWS + 1])
    return {
        "rows": [{"execution": e, "title": flow_title(e.flow)} for e in rows[:ROWS]],
        "statuses": [(gettext(label), value, value == status) for value, label in STATUSES.items()],
        "status": status if status in STATUSES else "",
        "older": rows[ROWS - 1].pk if len(rows) > ROWS else None,
    }


def last_title(request: HttpRequest) -> QuerySet[Interrupt, str]:
    """What each execution asked last, as far as this person may know it."""
    own = Q(execution__requester=cast(User, request.user))
    known = own | Q(pk__in=visible(request).filter(execution=OuterRef("execution")).values("pk"))
    asked = Interrupt.objects.filter(known, execution=OuterRef("pk"))
    return asked.order_by("-created_at", "-id").values_list("title", flat=True)[:1]


@require_safe
@signed_in
def execution(request: HttpRequest, execution_id: UUID) -> HttpResponseBase:
    context = execution_context(request, find(request, execution_id))
    if request.headers.get("HX-Request"):
        return piece(request, "executions/_execution.html", context)
    return page(request, "executions/page.html", {"nav": "executions", **context})


@posted
@signed_in
def retry(request: HttpRequest, execution_id: UUID) -> HttpResponseBase:
    return act(request, execution_id, executions.retry)


@posted
@signed_in
def cancel(request: HttpRequest, execution_id: UUID) -> HttpResponseBase:
    return act(request, execution_id, executions.cancel, reason=request.POST.get("reason", ""))


def act(request: HttpRequest, execution_id: UUID, service: Any, **arguments: Any) -> HttpResponseBase:
    """Do it, then show the execution as it is; a refusal is said on the page."""
    try:
        service(execution_id=execution_id, by=request.user, door="browser", **arguments)
    except errors.NotFound as error:
        raise Http404(error.message) from None
    except (errors.Conflict, errors.NotAllowed, errors.InvalidInput) as error:
        found = find(request, execution_id)
        status = 403 if isinstance(error, errors.NotAllowed) else 409
        context = {"nav": "executions", "refusal": error.message, **execution_context(request, found)}
        return page(request, "executions/page.html", context, status=status)
    return HttpResponseRedirect(reverse("execution", args=[execution_id]), status=303)


def visible_executions(request: HttpRequest) -> ExecutionQuerySet:
    return Execution.objects.visible_to(request.user).select_related("requester")


def find(request: HttpRequest, execution_id: UUID) -> Execution:
    found = visible_executions(request).filter(pk=execution_id).first()
    if found is None:
        raise Http404
    return found


def execution_context(request: HttpRequest, found: Execution) -> dict[str, Any]:
    asked = questions(request, found)
    shown = {a.interrupt.pk for a in asked}
    happened = [e for e in events.history(found) if e.interrupt_id is None or e.interrupt_id in shown]
    progress = executions.progress(found)
    return {
        "execution": found,
        "flow_title": flow_title(found.flow),
        "drawing": drawing_of(found, progress),
        "steps": steps_of(found, progress),
        "state": executions.state(found),
        "input": engine.plain_json(found.input),
        "result": facts_of(engine.plain_json(found.result)),
        "asked": asked,
        "history": [entry(event) for event in happened],
        "may_act": may_act(request, found),
        "has_ended": found.status in engine.TERMINAL,
        "has_failed": found.status == engine.Status.FAILED,
    }


def questions(request: HttpRequest, found: Execution) -> list[Asked]:
    """Its interrupts that this person may know of: all for its requester, else those that ask them."""
    mine = Exists(visible(request).filter(pk=OuterRef("pk")))
    rows: Any = (
        found.interrupts.select_related("response__by").annotate(is_mine=mine).order_by("created_at", "id")
    )
    everything = may_act(request, found)
    return [
        Asked(row, said(row), row.is_mine, callback_of(row) if everything else "")
        for row in rows
        if everything or row.is_mine
    ]


def callback_of(interrupt: Interrupt) -> str:
    for_people = interrupt.type in INBOX_TYPES or not interrupt.is_waiting
    return "" if for_people else callbacks.address(interrupt.execution_id, interrupt.key)


def said(interrupt: Interrupt) -> Said | None:
    response = getattr(interrupt, "response", None)
    return Said.of(interrupt, response) if response else None


def may_act(request: HttpRequest, found: Execution) -> bool:
    """Whether this person started it or sees all executions: they may retry and cancel it."""
    return found.requester_id == request.user.pk or request.user.has_perm("flows.view_execution")
