"""A list that somebody is at: its rows stay in their places, what came is counted, and what is gone says why.

The page names the rows that it shows; without that, a list is simply as it is now.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.translation import gettext

from flows.models import Interrupt, Snooze
from flows.services.people import name_of
from flows.web.own import is_asked, visible
from flows.web.question import Said

HEADER = "Live-Keep"  # ids of the rows that are shown, in their order
MOST_KEPT = 200


@dataclass(frozen=True, slots=True)
class Arranged:
    """`rows` as (interrupt, why it is gone or ""); `arrived`: how many more there are at other places."""

    rows: list[tuple[Interrupt, str]]
    arrived: int


def arranged(request: HttpRequest, found: list[Interrupt], view: str) -> Arranged:
    """The rows of a list in the order of the page that asks; one query more when some are not in it now.

    What the person has answered has left: only what others did is told.
    """
    shown = shown_ids(request)
    now = {row.pk: row for row in found}
    below = rows_below(found, shown)
    others = {} if view == "done" else gone(request, [id for id in shown if id not in now])
    kept = [(now.get(id) or others.get(id), id in now) for id in shown]
    rows = [
        (row, "" if is_there else why(request, row, view))
        for row, is_there in kept
        if row and (is_there or not is_own(row, request.user))
    ]
    arrived = len(now) - len(below) - sum(is_there for _, is_there in kept)
    return Arranged([*rows, *((row, "") for row in below)], arrived)


def shown_ids(request: HttpRequest) -> list[UUID]:
    """The ids that the page names, each once; [] when it names none, or anything else."""
    try:
        ids = [UUID(text) for text in request.headers.get(HEADER, "").split(",") if text]
    except ValueError:
        return []
    return list(dict.fromkeys(ids[:MOST_KEPT]))


def rows_below(found: list[Interrupt], shown: Iterable[UUID]) -> list[Interrupt]:
    """What comes after all that is shown: it moves nothing. Everything, when nothing of it is left."""
    known = set(shown)
    last = max((place for place, row in enumerate(found) if row.pk in known), default=None)
    if last is None:
        return [] if known else found
    return found[last + 1 :]


def gone(request: HttpRequest, ids: list[UUID]) -> dict[UUID, Interrupt]:
    """Those of these interrupts that this person may still see."""
    if not ids:
        return {}
    aside = Snooze.objects.filter(user=request.user.pk, interrupt=OuterRef("pk"), until__gt=Now())
    rows = visible(request).filter(pk__in=ids).select_related("execution__requester", "response__by")
    found = {row.pk: row for row in rows.annotate(snoozed_until=Subquery(aside.values("until")[:1]))}
    for row in found.values():
        requester = row.execution.requester
        row.requester_name = name_of(requester) if requester else None  # type: ignore[attr-defined]
    return found


def is_own(row: Interrupt, person: Any) -> bool:
    """Whether the person has answered it."""
    response = getattr(row, "response", None)
    return response is not None and response.by_id == person.pk


def why(request: HttpRequest, row: Interrupt, view: str) -> str:
    """Why a row is not in the list any more; "" when it only does not belong to this part of it."""
    response = getattr(row, "response", None)
    if response is not None:
        said = {"verb": Said.of(row, response).verb, "who": name_of(response.by)}
        return gettext("%(verb)s by %(who)s") % said
    if row.is_on_hold:
        return gettext("on hold")
    if not row.is_waiting:
        return gettext(str(row.status))
    if not is_asked(request, row):
        return gettext("with others now")
    is_aside = getattr(row, "snoozed_until", None) is not None
    if is_aside != (view == "snoozed"):
        return gettext("snoozed") if is_aside else gettext("back in the inbox")
    return ""
