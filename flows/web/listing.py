"""The rows of an inbox, as its address describes them, and what stands around them."""

from dataclasses import dataclass, replace
from math import ceil
from typing import Any
from uuid import UUID

from django.db.models import Q, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from flows import registry
from flows.models import Execution, Interrupt
from flows.store import inbox
from flows.web import own
from flows.web.arrivals import arranged
from flows.web.filters import (
    AGES,
    DUES,
    FIELD,
    KINDS,
    PRIORITIES,
    SORTS,
    VIEWS,
    Chip,
    Filters,
    fields_of,
    flow_title,
    flows_titled,
    place_of,
)
from flows.web.pages import count_text, counted

__all__ = ["Filters", "Listing", "flow_title", "flows_titled", "listing", "listing_context", "older_than"]

LONGEST_WAIT = 86_400  # seconds that a page waits by itself for a snoozed item to come back


@dataclass(frozen=True, slots=True)
class Row:
    """`gone` says why it is not in the list any more, "" while it is."""

    interrupt: Interrupt
    flow_title: str
    gone: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """One of the lists that a person has; `count` as it is shown, "" where nothing is counted."""

    name: str
    label: str
    query: str
    count: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Saved:
    """A view that somebody keeps."""

    id: int
    name: str
    query: str
    is_start: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One field of the filters: its options as (value, label, is chosen)."""

    name: str
    label: str
    options: list[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True)
class Listing:
    """`newer` and `older` are the queries of the pages beside this one, "" where there is none. `arrived`:
    how many more there are, whose rows would move those that are shown."""

    filters: Filters
    rows: list[Row]
    totals: inbox.Totals
    newer: str
    older: str
    arrived: int = 0

    @property
    def query(self) -> str:
        return self.filters.query()

    @property
    def total(self) -> int:
        """How many wait for this person in all; what is snoozed is not among them."""
        return self.totals.counts["all"]

    @property
    def views(self) -> list[View]:
        here = self.filters
        return [
            View(
                name,
                gettext(label),
                replace(Filters(), view=name).query(),
                self.count(name),
                name == here.view,
            )
            for name, label in VIEWS.items()
        ]

    def count(self, view: str) -> str:
        number = self.totals.counts.get(view, 0)
        return count_text(number) if number else ""

    @property
    def said(self) -> str:
        """How much is shown, in words."""
        on_one_page = not (self.newer or self.older)
        if self.filters.is_filtered or self.filters.view == "done":
            if not on_one_page or not self.rows:
                return ""
            found = len(self.rows)
            said = ngettext("%(count)s matches", "%(count)s match", found) % {"count": found}
            return said if self.filters.is_filtered else ""
        return ""

    @property
    def chips(self) -> list[Chip]:
        return self.filters.chips()

    @property
    def plain(self) -> str:
        """The query of the same view without filters."""
        return Filters(view=self.filters.view, sort=self.filters.sort).query()

    @property
    def saved(self) -> list[Saved]:
        here = Filters.query(replace(self.filters, place="")).lstrip("?")
        return [Saved(**view, is_current=view["query"] == here) for view in self.totals.saved]

    @property
    def to_save(self) -> str:
        """What a view saved now would hold."""
        return self.filters.query(place="").lstrip("?")

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        chosen = self.filters.sort
        return [
            (gettext(label), self.filters.query(sort=name, place=""), name == chosen)
            for name, label in SORTS.items()
        ]

    @property
    def choices(self) -> list[Choice]:
        here = self.filters
        flows = {r.name: r.title for r in registry.all()}
        if here.flow and here.flow not in flows:
            flows[here.flow] = here.flow
        return [
            Choice(
                name,
                label,
                [("", gettext("Any"), not chosen), *((k, v, k == chosen) for k, v in options.items())],
            )
            for name, label, options, chosen in (
                ("flow", gettext("Flow"), flows, here.flow),
                ("kind", gettext("Type"), worded(KINDS), here.kind),
                ("priority", gettext("Priority"), worded(PRIORITIES), here.priority),
                ("due", gettext("Due"), worded(DUES), here.due),
                ("age", gettext("Asked"), worded(AGES), here.age),
            )
        ]

    @property
    def fields(self) -> list[tuple[str, str, str]]:
        """(name, label, value) of each payload value that the flow at hand can be filtered by."""
        given = dict(self.filters.values)
        return [
            (FIELD + field.path, field.label, given.get(field.path, ""))
            for field in fields_of(self.filters.flow)
        ]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the filter form does not ask for and must keep."""
        return [(n, v) for n, v in self.filters.parameters.items() if n in ("view", "sort")]

    @property
    def beside_search(self) -> list[tuple[str, str]]:
        """What the search form must keep."""
        return [(n, v) for n, v in self.filters.parameters.items() if n not in ("q", "at")]

    @property
    def everything(self) -> list[tuple[str, str]]:
        """What describes the whole list, whatever its page."""
        return [(n, v) for n, v in self.filters.parameters.items() if n != "at"]

    @property
    def wakes_in(self) -> int | None:
        """Seconds until the next snoozed item comes back; None when this page need not wait for it."""
        at = self.totals.wakes_at
        if at is None:
            return None
        seconds = ceil((at - timezone.now()).total_seconds()) + 1
        return seconds if seconds < LONGEST_WAIT else None


def worded(words: dict[str, str]) -> dict[str, str]:
    """A table of words in the reader's language."""
    return {key: gettext(word) for key, word in words.items()}


def listing(request: HttpRequest) -> Listing:
    """One page of rows and the counts of all views; two queries, beside those for the person's rights,
    and one for rows that a page shows and that are gone."""
    filters = Filters.of(request.GET)
    found = found_in(filters, own.scopes(request))
    rows = found.rows
    shown = arranged(request, rows, filters.view)
    return Listing(
        filters=filters,
        rows=[Row(row, flow_title(row.flow), gone) for row, gone in shown.rows],
        arrived=shown.arrived,
        totals=own.totals(request),
        newer=filters.query(place=place_of(rows[0], filters.sort, back=True))
        if rows and found.has_before
        else "",
        older=filters.query(place=place_of(rows[-1], filters.sort)) if rows and found.has_after else "",
    )


def rows_of(request: HttpRequest, filters: Filters) -> list[Interrupt]:
    """The interrupts on the page that these filters describe; one query."""
    return found_in(filters, own.scopes(request)).rows


def found_in(filters: Filters, scopes: dict[str, inbox.Scope]) -> inbox.Found:
    if filters.view == "done":
        return inbox.closed_page(scopes["all"], filters.wanted(), filters.cursor)
    return inbox.page(scopes[filters.view], filters.wanted(), filters.sort, filters.cursor)


def listing_context(request: HttpRequest) -> dict[str, Any]:
    found = listing(request)
    return {"listing": found, **counted(found.total)}


def older_than(model: type[Interrupt] | type[Execution], id: UUID) -> Q:
    """What comes after the row of that id in lists with the newest first."""
    moment = Subquery(model.objects.filter(pk=id).values("created_at")[:1])
    return Q(created_at__lt=moment) | Q(created_at=moment, pk__lt=id)


def uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
