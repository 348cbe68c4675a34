"""Putting an item aside, and bringing it back."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from flows.services import errors, inbox
from flows.web import snoozing
from flows.web.listing import Filters
from flows.web.pages import posted, signed_in
from flows.web.views.inbox import find, item_context, show


@posted
@signed_in
def snooze(request: HttpRequest, interrupt_id: UUID) -> HttpResponseBase:
    """Put it aside and go back to the list; what cannot be is said above the item."""
    until = snoozing.chosen(request.POST)
    if until is None:
        return refused(request, interrupt_id, gettext("Choose a time to come."))
    try:
        inbox.snooze(interrupt_id=interrupt_id, by=request.user, until=until)
    except errors.NotFound as error:
        raise Http404(error.message) from None
    except errors.Invalid as error:
        return refused(request, interrupt_id, error.problems[0].message)
    except errors.Conflict as error:
        return refused(request, interrupt_id, error.message)
    return HttpResponseRedirect(reverse("inbox") + Filters.of(request.GET).query(), status=303)


@posted
@signed_in
def unsnooze(request: HttpRequest, interrupt_id: UUID) -> HttpResponseBase:
    find(request, interrupt_id)
    inbox.unsnooze(interrupt_id=interrupt_id, by=request.user)
    address = reverse("interrupt", args=[interrupt_id]) + Filters.of(request.GET).query()
    return HttpResponseRedirect(address, status=303)


def refused(request: HttpRequest, interrupt_id: UUID, why: str) -> HttpResponseBase:
    context = {**item_context(request, find(request, interrupt_id)), "notice": why}
    alone = request.headers.get("HX-Target") == "inbox"
    return show(request, context, alone=alone, status=422)
