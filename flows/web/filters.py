"""What the address of an inbox asks for: view, filters, search, order and place."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from flows import registry
from flows.engine.text import clean
from flows.models import Interrupt
from flows.models.interrupt import INBOX_TYPES, Priority
from flows.store.inbox import ORDERS, Cursor, Wanted

VIEWS = {
    "all": gettext_noop("All"),
    "mine": gettext_noop("Mine"),
    "groups": gettext_noop("Groups"),
    "snoozed": gettext_noop("Snoozed"),
    "done": gettext_noop("Done"),
}
KINDS = {"approval": gettext_noop("Approvals"), "human_input": gettext_noop("Questions")}
DUES = {
    "overdue": gettext_noop("Overdue"),
    "today": gettext_noop("Due today"),
    "week": gettext_noop("Due in 7 days"),
    "none": gettext_noop("No due date"),
}
AGES = {
    "hour": gettext_noop("Last hour"),
    "day": gettext_noop("Last 24 hours"),
    "week": gettext_noop("Last 7 days"),
    "older": gettext_noop("Older than 7 days"),
}
SORTS = {
    "newest": gettext_noop("Newest first"),
    "oldest": gettext_noop("Oldest first"),
    "due": gettext_noop("Due first"),
    "priority": gettext_noop("Urgent first"),
}
PRIORITIES = {
    str(Priority.URGENT.value): gettext_noop("Urgent"),
    str(Priority.HIGH.value): gettext_noop("High"),
    str(Priority.NORMAL.value): gettext_noop("Normal"),
    str(Priority.LOW.value): gettext_noop("Low"),
}
LONGEST_TEXT = 200
MOST_VALUES = 8
FIELD = "f."  # a parameter of this beginning and a path filters by a value in the payload
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is set: what it says, and the query without it."""

    label: str
    text: str
    query: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What cannot be understood in an address is as if it were not there."""

    view: str = "all"
    kind: str = ""
    search: str = ""
    flow: str = ""
    requester: str = ""
    priority: str = ""
    due: str = ""
    age: str = ""
    sort: str = "newest"
    values: tuple[tuple[str, str], ...] = ()
    place: str = ""  # beside which row the page begins, e.g. "after-0..1795485979467468.01a2…"

    @classmethod
    def of(cls, query: QueryDict) -> "Filters":
        def one(name: str, known: Any, default: str = "") -> str:
            given = query.get(name, default)
            return given if given in known else default

        due = one("due", DUES)
        sort = one("sort", SORTS, usual_sort(due))
        return cls(
            view=one("view", VIEWS, "all"),
            kind=one("kind", INBOX_TYPES),
            search=text_in(query, "q"),
            flow=text_in(query, "flow"),
            requester=text_in(query, "from"),
            priority=one("priority", PRIORITIES),
            due=due,
            age=one("age", AGES),
            sort=sort,
            values=values_in(query),
            place=query.get("at", "") if cursor_in(query.get("at", ""), sort) else "",
        )

    @property
    def parameters(self) -> dict[str, str]:
        """As they stand in an address; what is as always is left out."""
        given = {
            "view": self.view if self.view != "all" else "",
            "kind": self.kind,
            "flow": self.flow,
            "from": self.requester,
            "priority": self.priority,
            "due": self.due,
            "age": self.age,
            **{FIELD + path: value for path, value in self.values},
            "q": self.search,
            "sort": self.sort if self.sort != usual_sort(self.due) else "",
            "at": self.place,
        }
        return {name: value for name, value in given.items() if value}

    def query(self, **changes: Any) -> str:
        """The query string of these filters with `changes`, with its question mark; "" when there is none."""
        text = urlencode(replace(self, **changes).parameters)
        return f"?{text}" if text else ""

    @property
    def cursor(self) -> Cursor | None:
        return cursor_in(self.place, self.sort)

    @property
    def is_filtered(self) -> bool:
        return replace(self, view="all", sort="newest", place="") != Filters()

    def wanted(self) -> Wanted:
        now = timezone.now()
        due = DUE_TIMES[self.due](now) if self.due in DUE_TIMES else (None, None)
        age = AGE_TIMES[self.age](now) if self.age else (None, None)
        return Wanted(
            flow=self.flow or None,
            type=self.kind or None,
            requester=self.requester or None,
            priority=int(self.priority) if self.priority else None,
            due_after=due[0],
            due_before=due[1],
            no_due=self.due == "none",
            created_after=age[0],
            created_before=age[1],
            search=self.search,
            titled=tuple(flows_titled(self.search)) if self.search else (),
            values=self.values,
        )

    def chips(self) -> list[Chip]:
        """What is set, one removable piece each; the search has its own field."""
        said = [
            (gettext("Flow"), flow_title(self.flow) if self.flow else "", "flow"),
            (gettext("Type"), word_of(KINDS, self.kind), "kind"),
            (gettext("From"), self.requester, "requester"),
            (gettext("Priority"), word_of(PRIORITIES, self.priority), "priority"),
            (gettext("Due"), word_of(DUES, self.due), "due"),
            (gettext("Age"), word_of(AGES, self.age), "age"),
        ]
        found = [
            Chip(label, text, self.query(**{name: "", "place": ""})) for label, text, name in said if text
        ]
        for pair in self.values:
            rest = tuple(other for other in self.values if other != pair)
            found.append(Chip(field_label(self.flow, pair[0]), pair[1], self.query(values=rest, place="")))
        return found


def word_of(words: dict[str, str], key: str) -> str:
    """What one of the tables above calls it, in the reader's language; "" for what is not in it."""
    return gettext(words[key]) if key in words else ""


DUE_TIMES: dict[str, Any] = {
    "overdue": lambda now: (None, now),
    "today": lambda now: (now, midnight(now)),
    "week": lambda now: (now, now + timedelta(days=7)),
}
AGE_TIMES: dict[str, Any] = {
    "hour": lambda now: (now - timedelta(hours=1), None),
    "day": lambda now: (now - timedelta(days=1), None),
    "week": lambda now: (now - timedelta(days=7), None),
    "older": lambda now: (None, now - timedelta(days=7)),
}


KEYS: dict[str, Callable[[str], Any]] = {"due_at": lambda text: moment(text), "priority": int}


def usual_sort(due: str) -> str:
    """The order that an address without one means: what is asked for by its due time comes by that."""
    return "due" if due in DUE_TIMES else "newest"


def midnight(now: datetime) -> datetime:
    """The end of this day, where the reader is."""
    day = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=1)


def text_in(query: QueryDict, name: str) -> str:
    return clean(query.get(name, "").strip())[:LONGEST_TEXT]


def values_in(query: QueryDict) -> tuple[tuple[str, str], ...]:
    """Filters by payload values; those of fields that no flow declares are left out."""
    declared = {field.path for registration in registry.all() for field in registration.fields}
    paths = [name[len(FIELD) :] for name in query if name.startswith(FIELD)]
    pairs = [(path, text_in(query, FIELD + path)) for path in paths if path in declared]
    return tuple((path, text) for path, text in pairs if text)[:MOST_VALUES]


def place_of(row: Any, sort: str, *, back: bool = False) -> str:
    """The place beside a row, for `at`."""
    way = "before" if back else "after"
    if row.closed_at is not None:
        return f"{way}-0..{microseconds(row.closed_at)}.{row.pk.hex}"
    return place_in(row, abs(row.seg), sort, way)


def place_in(row: Interrupt, segment: int, sort: str, way: str) -> str:
    key = {"due_at": row.due_at, "priority": row.priority}.get(ORDERS[sort][segment].columns[0], "")
    shown = microseconds(key) if isinstance(key, datetime) else key
    return f"{way}-{segment}.{shown}.{microseconds(row.created_at)}.{row.pk.hex}"


def place_beside(interrupt: Interrupt, sort: str) -> str:
    """The place after an interrupt that waits, or has waited, in a list of this order."""
    holds = {"due": interrupt.due_at is None, "priority": (interrupt.priority < 2) + (interrupt.priority < 1)}
    return place_in(interrupt, int(holds.get(sort, 0)), sort, "after")


def cursor_in(place: str, sort: str) -> Cursor | None:
    """The cursor that a place means in that order; None for what is no place in it."""
    way, _, values = place.partition("-")
    parts = values.split(".")
    if way not in ("after", "before") or len(parts) != 4 or len(place) > 100:
        return None
    try:
        segment, at, id = int(parts[0]), moment(parts[2]), UUID(parts[3])
        columns = ORDERS[sort][segment].columns if 0 <= segment < len(ORDERS[sort]) else ()
        read = KEYS.get(columns[0] if columns else "")
        key = read(parts[1]) if read else None
    except (ValueError, OverflowError):
        return None
    cursor = Cursor(segment, key, at, id, back=way == "before")
    return cursor if columns and cursor.fits(sort) else None


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(text: str) -> datetime:
    return EPOCH + timedelta(microseconds=int(text))


def flow_title(name: str) -> str:
    """The title of a flow; its name when it is not registered any more."""
    try:
        return registry.get(name).title
    except registry.UnknownFlow:
        return name


def flows_titled(search: str) -> list[str]:
    return [r.name for r in registry.all() if search.lower() in r.title.lower()]


def fields_of(flow: str) -> tuple[registry.Field, ...]:
    """The payload values that lists of this flow can be filtered by."""
    try:
        return registry.get(flow).fields
    except registry.UnknownFlow:
        return ()


def field_label(flow: str, path: str) -> str:
    known = {field.path: field.label for r in registry.all() for field in r.fields}
    return {**known, **{field.path: field.label for field in fields_of(flow)}}.get(path, path)
