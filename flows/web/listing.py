"""The rows of an inbox, as its address describes them."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, Subquery
from django.http import HttpRequest, QueryDict

from flows import registry
from flows.engine.text import clean
from flows.models import Execution, Interrupt
from flows.models.interrupt import InterruptQuerySet
from flows.web.pages import counted, visible, waiting

ROWS = 50
KINDS = {"": "All", "approval": "Approvals", "human_input": "Questions"}
LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """What is in the query of an inbox address; what cannot be understood is as if it were not there."""

    kind: str = ""
    search: str = ""
    before: UUID | None = None

    @classmethod
    def of(cls, query: QueryDict) -> "Filters":
        kind = query.get("kind", "")
        search = clean(query.get("q", "").strip())[:LONGEST_SEARCH]
        return cls(kind if kind in KINDS else "", search, uuid_or_none(query.get("before", "")))

    def query(self, **changes: object) -> str:
        """The query string of these filters with `changes`, with its question mark; "" when there is none."""
        now = {"kind": self.kind, "q": self.search, "before": self.before or "", **changes}
        text = urlencode({key: value for key, value in now.items() if value})
        return f"?{text}" if text else ""

    def apply(self, interrupts: InterruptQuerySet) -> InterruptQuerySet:
        if self.kind:
            interrupts = interrupts.filter(type=self.kind)
        if self.search:
            found = Q(title__icontains=self.search) | Q(flow__icontains=self.search)
            interrupts = interrupts.filter(found | Q(flow__in=flows_titled(self.search)))
        return interrupts.filter(older_than(Interrupt, self.before)) if self.before else interrupts


@dataclass(frozen=True, slots=True)
class Row:
    interrupt: Interrupt
    flow_title: str


@dataclass(frozen=True, slots=True)
class Listing:
    """`older` is the query of the next page, "" on the last one."""

    filters: Filters
    rows: list[Row]
    total: int
    older: str

    @property
    def query(self) -> str:
        return self.filters.query()

    @property
    def segments(self) -> list[tuple[str, str, bool]]:
        """(label, query, is current) of each kind."""
        return [
            (label, self.filters.query(kind=kind, before=""), kind == self.filters.kind)
            for kind, label in KINDS.items()
        ]


def listing(request: HttpRequest) -> Listing:
    """One page of rows, newest first, and the number of all that wait; at most two queries."""
    filters = Filters.of(request.GET)
    found = filters.apply(visible(request).waiting()).select_related("execution__requester")
    rows = list(found.order_by("-created_at", "-id")[: ROWS + 1])
    complete = filters == Filters() and len(rows) <= ROWS
    more = len(rows) > ROWS
    return Listing(
        filters=filters,
        rows=[Row(interrupt, flow_title(interrupt.flow)) for interrupt in rows[:ROWS]],
        total=len(rows) if complete else waiting(request),
        older=filters.query(before=rows[ROWS - 1].pk) if more else "",
    )


def listing_context(request: HttpRequest) -> dict[str, object]:
    found = listing(request)
    return {"listing": found, **counted(found.total)}


def older_than(model: type[Interrupt] | type[Execution], id: UUID) -> Q:
    """What comes after the row of that id in lists with the newest first."""
    moment = Subquery(model.objects.filter(pk=id).values("created_at")[:1])
    return Q(created_at__lt=moment) | Q(created_at=moment, pk__lt=id)


def flow_title(name: str) -> str:
    """The title of a flow; its name when it is not registered any more."""
    try:
        return registry.get(name).title
    except registry.UnknownFlow:
        return name


def flows_titled(search: str) -> list[str]:
    return [r.name for r in registry.all() if search.lower() in r.title.lower()]


def uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
