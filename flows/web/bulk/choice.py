"""Which questions somebody has chosen in the list: some of a page, or all that its filters match."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest

from flows.models import Interrupt
from flows.services.bulk import MOST
from flows.store import inbox
from flows.web import own
from flows.web.bulk.shapes import Shape, Single, sorted_out
from flows.web.filters import Filters
from flows.web.listing import uuid_or_none

EVERYTHING = "all"


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the shapes; `query` leads to its table."""

    shape: Shape
    query: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """`gone` is how many of what was chosen do not wait any more; `has_more`: more match than fit."""

    filters: Filters
    ids: list[UUID]
    is_everything: bool
    shapes: list[Shape]
    singles: list[Single]
    gone: int
    has_more: bool

    def shape(self, key: str) -> Shape | None:
        """That of this key, else the most frequent."""
        return next((s for s in self.shapes if s.key == key), self.shapes[0] if self.shapes else None)

    def tabs(self, current: Shape | None) -> list[Tab]:
        return [Tab(s, self.query(s.key), s is current) for s in self.shapes]

    def query(self, key: str = "") -> str:
        pairs = list(self.filters.parameters.items())
        pairs += [(EVERYTHING, "1")] if self.is_everything else [("id", str(id)) for id in self.ids]
        return f"?{urlencode([*pairs, *([('shape', key)] if key else [])])}"


def chosen(request: HttpRequest) -> Choice:
    """What the address says was chosen; three queries, and those for the person's rights."""
    filters = replace(Filters.of(request.GET), place="")
    is_everything = EVERYTHING in request.GET
    ids = matching(request, filters) if is_everything else listed(request.GET.getlist("id"))
    return of_ids(request, filters, ids, is_everything=is_everything)


def of_ids(request: HttpRequest, filters: Filters, ids: list[UUID], *, is_everything: bool = False) -> Choice:
    found = by_id(request, ids[:MOST])
    waiting = [row for id in ids if (row := found.get(id)) and row.is_waiting and own.is_asked(request, row)]
    shapes, singles = sorted_out(waiting)
    gone = len(ids[:MOST]) - len(waiting)
    return Choice(filters, ids[:MOST], is_everything, shapes, singles, gone, len(ids) > MOST)


def matching(request: HttpRequest, filters: Filters) -> list[UUID]:
    """All that the filters match, at most one more than MOST; one query."""
    if filters.view == "done":
        return []
    return inbox.ids(own.scopes(request)[filters.view], filters.wanted(), filters.sort, MOST)


def listed(texts: list[str]) -> list[UUID]:
    found = [id for text in texts[:MOST] if (id := uuid_or_none(text))]
    return list(dict.fromkeys(found))


def by_id(request: HttpRequest, ids: list[UUID]) -> dict[UUID, Any]:
    """Those of the interrupts that exist for this person, one query."""
    rows = own.visible(request).select_related("execution__requester").filter(pk__in=ids)
    found: dict[UUID, Interrupt] = {row.pk: row for row in rows}
    return found
