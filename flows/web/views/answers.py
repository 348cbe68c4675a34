"""Taking an answer from the form, and taking it back."""

from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django_htmx.http import push_url, reswap, retarget, trigger_client_event

from flows.models import Given, Interrupt
from flows.services import drafts, errors, interrupts
from flows.web.answering import Answering, Sent, typed
from flows.web.following import address_after, done_of, following
from flows.web.forms.rows import OPERATION
from flows.web.listing import Filters, listing_context
from flows.web.pages import piece, posted, signed_in
from flows.web.reader import zone_of
from flows.web.views.inbox import find, item_context, show

CANCEL = "cancel"  # the button that leaves a confirmation


@posted
@signed_in
def answer(request: HttpRequest, interrupt_id: UUID) -> HttpResponseBase:
    interrupt = find(request, interrupt_id)
    if OPERATION in request.POST or CANCEL in request.POST:
        return edited(request, interrupt)
    answering = Answering(interrupt, Sent(request.POST, request.FILES), zone_of(request))
    if not answering.is_valid():
        return refused(request, interrupt, answering)
    if not answering.deciding.is_confirmed():
        return item(request, kept(request, interrupt, answering), status=422)
    try:
        response = decide(request, interrupt, answering)
    except errors.Invalid as error:
        answering.refuse(error.problems)
        return refused(request, interrupt, answering)
    except errors.NotFound as error:
        raise Http404(error.message) from None
    except (errors.Conflict, errors.NotAllowed) as error:
        return conflict(request, interrupt_id, answering, error)
    return answered(request, interrupt, response)


def decide(request: HttpRequest, interrupt: Interrupt, answering: Answering) -> Given:
    response = interrupts.decide(
        interrupt_id=interrupt.pk,
        answer=answering.answer,
        by=request.user,
        door="browser",
        request_id=answering.request_id,
        digest=request.POST.get("digest") or None,
        address=request.META.get("REMOTE_ADDR"),
    )
    told = typed(request.POST, answering.request_id)
    drafts.settle(response=response, user=cast(User, request.user), typed=told)
    return response


def kept(request: HttpRequest, interrupt: Interrupt, answering: Answering) -> dict[str, Any]:
    """What is needed to show the form again; what was typed into it becomes the draft, where it can."""
    context = item_context(request, interrupt, answering)
    told = typed(answering.sent.data if answering.sent else {}, answering.request_id)
    try:
        context["draft"] = drafts.save(interrupt_id=interrupt.pk, user=cast(User, request.user), typed=told)
    except (errors.NotFound, errors.Conflict, errors.Invalid):
        pass  # the form itself has it
    return context


def edited(request: HttpRequest, interrupt: Interrupt) -> HttpResponseBase:
    """The form as it was typed, with a row more or less; nothing is judged or sent."""
    answering = Answering(interrupt, Sent.edited(request.POST), zone_of(request))
    answering.point_at_new_row(request.POST)
    status = 200 if interrupt.is_waiting else 409
    response = item(request, kept(request, interrupt, answering), status=status)
    return reswap(response, "morph:outerHTML")  # type: ignore[no-any-return]


def refused(request: HttpRequest, interrupt: Interrupt, answering: Answering) -> HttpResponseBase:
    """The form again with its errors; or what became of the question, when it is too late anyway."""
    answering.point_at_first_error()
    context = kept(request, interrupt, answering)
    return item(request, context, status=422 if interrupt.is_waiting else 409)


def conflict(
    request: HttpRequest, interrupt_id: UUID, answering: Answering, error: errors.FlowsError
) -> HttpResponseBase:
    """The question as it is now, what was typed, and why it was not taken."""
    interrupt = find(request, interrupt_id)
    if interrupt.is_waiting:
        answering = Answering(interrupt, Sent(request.POST, request.FILES), zone_of(request))
        answering.general.append(error.message)
    status = 403 if isinstance(error, errors.NotAllowed) else 409
    response = item(request, item_context(request, interrupt, answering), status=status)
    return trigger_client_event(response, "inbox-changed")  # type: ignore[no-any-return]


def answered(request: HttpRequest, interrupt: Interrupt, response: Given) -> HttpResponseBase:
    """The next item, and a message that can take the answer back; the item itself when none waits."""
    after = following(request, interrupt) or interrupt
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(address_after(request, interrupt.pk, after), status=303)
    return opened(request, after.pk, {"done": done_of(response), "is_new": True})


def opened(request: HttpRequest, interrupt_id: UUID, more: dict[str, Any]) -> HttpResponseBase:
    """The whole inbox with this item open, in the place of what htmx has asked for."""
    interrupt = find(request, interrupt_id)
    address = f"{interrupt.get_absolute_url()}{Filters.of(request.GET).query()}"
    context = {**listing_context(request), **item_context(request, interrupt), **more, "address": address}
    response = reswap(piece(request, "inbox/_opened.html", {**context, "nav": "inbox"}), "morph:outerHTML")
    return push_url(retarget(response, "#inbox"), address)  # type: ignore[no-any-return]


@posted
@signed_in
def undo(request: HttpRequest, interrupt_id: UUID) -> HttpResponseBase:
    """Take one's answer back and open the item with what was typed; when it is too late, that is said."""
    interrupt = find(request, interrupt_id)
    try:
        interrupts.undo(interrupt_id=interrupt_id, by=request.user, door="browser")
    except errors.NotFound as error:
        raise Http404(error.message) from None
    except (errors.Conflict, errors.NotAllowed) as error:
        status = 403 if isinstance(error, errors.NotAllowed) else 409
        return not_undone(request, interrupt, error, status)
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(
            f"{interrupt.get_absolute_url()}{Filters.of(request.GET).query()}", status=303
        )
    return opened(request, interrupt_id, {"is_new": True})


def not_undone(
    request: HttpRequest, interrupt: Interrupt, error: errors.FlowsError, status: int
) -> HttpResponseBase:
    """Why not: in the message for htmx, which leaves alone what is being typed; else on the item's page."""
    if request.headers.get("HX-Request"):
        context = {"too_late": error.message, "interrupt": interrupt}
        response = piece(request, "inbox/_toast.html", context, status=status)
        return reswap(retarget(response, "#toast"), "outerHTML")  # type: ignore[no-any-return]
    return show(request, {**item_context(request, interrupt), "notice": error.message}, status=status)


def item(request: HttpRequest, context: dict[str, Any], *, status: int) -> HttpResponseBase:
    """The reading pane for htmx, the whole page otherwise."""
    if request.headers.get("HX-Request"):
        context["query"] = Filters.of(request.GET).query()
        return piece(request, "inbox/_reading.html", context, status=status)
    return show(request, context, status=status)
