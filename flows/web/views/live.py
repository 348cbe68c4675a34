"""Small pieces that an open page fetches again and again."""

from typing import cast
from uuid import UUID

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from flows.services import presence
from flows.services.people import name_of
from flows.store import inbox
from flows.web.own import own_tokens
from flows.web.pages import piece, signed_in, visible

NAMED = 3  # people; of more than that, how many
NEWEST = 5  # questions that are told of at once


@require_safe
@signed_in
def looking(request: HttpRequest, interrupt_id: UUID) -> HttpResponseBase:
    """Who else looks at the question."""
    interrupt = visible(request).only("pk").filter(pk=interrupt_id).first()
    if interrupt is None:
        raise Http404
    people = presence.others(interrupt_id=interrupt_id, than=cast(User, request.user))
    context = {"interrupt": interrupt, "others": looking_said(people)}
    return piece(request, "inbox/_looking.html", context)


@require_safe
@signed_in
def newest(request: HttpRequest) -> HttpResponseBase:
    """The newest questions of which this person is in the audience, for notifications of the browser."""
    mine = inbox.Scope(cast(User, request.user).pk, tuple(own_tokens(request)))
    rows = inbox.page(mine, inbox.Wanted(), "newest").rows[:NEWEST]
    return piece(request, "inbox/_newest.html", {"rows": rows})


def looking_said(people: list[User]) -> str:
    """Who looks at it, as a sentence; "" for nobody."""
    if not people:
        return ""
    if len(people) > NAMED:
        return gettext("%(n)s others are looking at this") % {"n": len(people)}
    *names, last = (name_of(person) for person in people)
    if not names:
        return gettext("%(last)s is looking at this") % {"last": last}
    return gettext("%(names)s and %(last)s are looking at this") % {"names": ", ".join(names), "last": last}
