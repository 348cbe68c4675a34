"""What comes after an answer: the next item, and the message that can take the answer back."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone

from flows.models import Given, Interrupt, Response
from flows.services.interrupts import undo_window
from flows.web.filters import Filters, place_beside
from flows.web.listing import rows_of, uuid_or_none
from flows.web.question import Said

DONE = "done"  # in an address: the interrupt that was just answered
UNDOABLE = 5.0
LISTED = ("all", "mine", "groups")  # where what follows an answer is looked for
SHOWN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Done:
    """An answer that was just given; `undo_until` is None when it cannot be taken back, `window` is how
    many seconds there were for it."""

    interrupt: Interrupt
    said: Said
    undo_until: datetime | None
    window: float

    @property
    def left(self) -> float:
        """Seconds until it cannot be taken back; how long to show it where it cannot be at all."""
        left = (self.undo_until - timezone.now()).total_seconds() if self.undo_until else UNDOABLE
        return round(max(0.0, left), 1)


def done_of(response: Given) -> Done:
    interrupt = response.interrupt
    until = response.effective_at if response.can_be_undone else None
    return Done(interrupt, Said.of(interrupt, response), until, undo_window(interrupt))


def done_before(request: HttpRequest) -> Done | None:
    """What the address says was just answered, if it was, by this person."""
    id = uuid_or_none(request.GET.get(DONE, ""))
    if id is None:
        return None
    recent = Response.objects.filter(by=cast(User, request.user), created_at__gt=timezone.now() - SHOWN)
    response = recent.select_related("interrupt", "by").filter(interrupt=id).first()
    return done_of(response) if response else None


def following(request: HttpRequest, interrupt: Interrupt) -> Interrupt | None:
    """The row below this one in the list that the address describes, else the first one; None without any."""
    filters = replace(Filters.of(request.GET), place="")
    if filters.view not in LISTED:
        filters = Filters()
    below = rows_of(request, replace(filters, place=place_beside(interrupt, filters.sort)))
    rows = below or rows_of(request, filters)
    return next((row for row in rows if row.pk != interrupt.pk), None)


def address_after(request: HttpRequest, interrupt_id: UUID, item: Interrupt) -> str:
    """The address of `item`, with the message about what was answered when that is another one."""
    query = Filters.of(request.GET).query()
    if item.pk == interrupt_id:
        return f"{item.get_absolute_url()}{query}"
    return f"{item.get_absolute_url()}{query}{'&' if query else '?'}{DONE}={interrupt_id}"


def is_own(request: HttpRequest, interrupt: Interrupt) -> bool:
    response: Any = getattr(interrupt, "response", None)
    return response is not None and response.by_id == request.user.pk
