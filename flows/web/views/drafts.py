"""Keeping what is typed, while it is typed."""

from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from flows.models import Draft
from flows.services import drafts, errors
from flows.web.answering import typed
from flows.web.pages import piece, posted, signed_in
from flows.web.reader import zone_of
from flows.web.views.answers import item
from flows.web.views.inbox import find, item_context


@posted
@signed_in
def save(request: HttpRequest, interrupt_id: UUID) -> HttpResponseBase:
    """Keep the form as it is; the answer says when that was, or why not."""
    form = typed(request.POST, request.POST.get("request_id", ""))
    try:
        draft = drafts.save(interrupt_id=interrupt_id, user=cast(User, request.user), typed=form)
    except errors.NotFound:
        return HttpResponse(status=204)  # closed meanwhile: the page is told in its own way
    except drafts.NewerDraft as error:
        return told(request, interrupt_id, {"newer": error.draft}, 409)
    except errors.Invalid as error:
        return told(request, interrupt_id, {"problem": error.problems[0].message}, 422)
    return told(request, interrupt_id, {"draft": draft}, 200)


def told(
    request: HttpRequest, interrupt_id: UUID, context: dict[str, Draft | str], status: int
) -> HttpResponseBase:
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(find(request, interrupt_id).get_absolute_url(), status=303)
    shown: dict[str, Any] = {**context, "interrupt_id": interrupt_id, "zone": zone_of(request)}
    return piece(request, "inbox/_draft.html", shown, status=status)


@posted
@signed_in
def discard(request: HttpRequest, interrupt_id: UUID) -> HttpResponseBase:
    """Forget what was typed, and show the form as it was at first."""
    drafts.discard(interrupt_id=interrupt_id, user=cast(User, request.user))
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(find(request, interrupt_id).get_absolute_url(), status=303)
    return item(request, item_context(request, find(request, interrupt_id)), status=200)
