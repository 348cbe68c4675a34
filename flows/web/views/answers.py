"""Taking an answer from the form."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import trigger_client_event

from flows.models import Interrupt
from flows.services import errors, interrupts
from flows.web.answering import Answering
from flows.web.listing import Filters
from flows.web.pages import piece, posted, signed_in, visible
from flows.web.views.inbox import find, item_context, show


@posted
@signed_in
def answer(request: HttpRequest, interrupt_id: UUID) -> HttpResponseBase:
    interrupt = find(request, interrupt_id)
    answering = Answering(interrupt, request.POST, request.FILES)
    if not answering.is_valid():
        return refused(request, interrupt, answering)
    try:
        decide(request, interrupt, answering)
    except errors.Invalid as error:
        answering.refuse(error.problems)
        return refused(request, interrupt, answering)
    except errors.NotFound as error:
        raise Http404(error.message) from None
    except (errors.Conflict, errors.NotAllowed) as error:
        return conflict(request, interrupt_id, answering, error)
    return answered(request, interrupt_id)


def decide(request: HttpRequest, interrupt: Interrupt, answering: Answering) -> None:
    interrupts.decide(
        interrupt_id=interrupt.pk,
        answer=answering.answer,
        by=request.user,
        door="browser",
        request_id=answering.request_id,
        digest=request.POST.get("digest") or None,
        address=request.META.get("REMOTE_ADDR"),
    )


def refused(request: HttpRequest, interrupt: Interrupt, answering: Answering) -> HttpResponseBase:
    """The form again with its errors; or what became of the question, when it is too late anyway."""
    answering.point_at_first_error()
    context = item_context(interrupt, answering)
    return item(request, context, status=422 if interrupt.is_waiting else 409)


def conflict(
    request: HttpRequest, interrupt_id: UUID, answering: Answering, error: errors.FlowsError
) -> HttpResponseBase:
    """The question as it is now, what was typed, and why it was not taken."""
    interrupt = find(request, interrupt_id)
    if interrupt.is_waiting:
        answering = Answering(interrupt, request.POST, request.FILES)
        answering.general.append(error.message)
    status = 403 if isinstance(error, errors.NotAllowed) else 409
    return item(request, item_context(interrupt, answering), status=status)


def answered(request: HttpRequest, interrupt_id: UUID) -> HttpResponseBase:
    filters = Filters.of(request.GET)
    if not request.headers.get("HX-Request"):
        address = reverse("interrupt", args=[interrupt_id]) + filters.query()
        return HttpResponseRedirect(address, status=303)
    waiting = visible(request).waiting().exclude(pk=interrupt_id).order_by("-created_at", "-id")
    context = {
        **item_context(find(request, interrupt_id)),
        "query": filters.query(),
        "next": waiting.first(),
        "is_new": True,
    }
    response = piece(request, "inbox/_reading.html", context)
    return trigger_client_event(response, "inbox-changed")  # type: ignore[no-any-return]


@posted
@signed_in
def undo(request: HttpRequest, interrupt_id: UUID) -> HttpResponseBase:
    """Take one's answer back; when it is too late, the pane says so."""
    find(request, interrupt_id)
    notice, status = "", 200
    try:
        interrupts.undo(interrupt_id=interrupt_id, by=request.user, door="browser")
    except errors.NotFound as error:
        raise Http404(error.message) from None
    except (errors.Conflict, errors.NotAllowed) as error:
        notice, status = error.message, 403 if isinstance(error, errors.NotAllowed) else 409
    context = {**item_context(find(request, interrupt_id)), "notice": notice}
    response = item(request, context, status=status)
    return trigger_client_event(response, "inbox-changed")  # type: ignore[no-any-return]


def item(request: HttpRequest, context: dict[str, Any], *, status: int) -> HttpResponseBase:
    """The reading pane for htmx, the whole page otherwise."""
    if request.headers.get("HX-Request"):
        context["query"] = Filters.of(request.GET).query()
        return piece(request, "inbox/_reading.html", context, status=status)
    return show(request, context, status=status)
