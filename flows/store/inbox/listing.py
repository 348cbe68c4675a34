"""One page of the inbox, in one query whose time does not depend on how much waits.

Without filters each segment of the order is read from its index, for each token, merged as it is read. With
filters the same walk looks at a few thousand entries (`Segment.walk`): what is frequent is found there.
What is not is fetched as a whole, by whichever index suits (words, due, token), and sorted: `far`, which is
not begun when the walk has filled the page or has come to the end.
"""

# ruff: noqa: S608 - put together from constants; every value is a parameter

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from flows.models import Interrupt
from flows.store.inbox.orders import ORDERS, Cursor, Segment
from flows.store.inbox.scope import Scope, Wanted
from flows.store.inbox.sql import SQL, joined, written

PAGE = 50

# Of entries that were walked: whether the walk was given up.
CUT = "coalesce(bool_or(cut), false)"

# What a row shows, and of its payload nothing. By primary keys.
SHOWN = """
SELECT q.id, q.title, q.flow, q.type, q.status, q.priority, q.due_at, q.created_at, q.closed_at, q.audience,
    found.seg, coalesce(nullif(btrim(u.first_name || ' ' || u.last_name), ''), u.username) AS requester_name,
    (SELECT s.until FROM flows_snooze s
        WHERE s.user_id = %s AND s.interrupt_id = q.id AND s.until > now()) AS snoozed_until
FROM ({}) AS found JOIN flows_interrupt q ON q.id = found.interrupt_id
    JOIN flows_execution x ON x.id = q.execution_id LEFT JOIN auth_user u ON u.id = x.requester_id
ORDER BY found.seg, found.pos
"""

SNOOZED = """flows_snooze z JOIN flows_interrupt zq ON zq.id = z.interrupt_id
    JOIN flows_inboxentry e ON e.token = ANY(zq.audience) AND e.created_at = zq.created_at
        AND e.interrupt_id = zq.id"""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of rows, each with `requester_name`, `snoozed_until` and `seg`; whether there are more before
    and after it."""

    rows: list[Interrupt]
    has_before: bool
    has_after: bool


def page(scope: Scope, wanted: Wanted, order: str, cursor: Cursor | None = None) -> Found:
    """At most PAGE interrupts that wait, beyond the cursor in this order (a key of ORDERS); one query.

    Rows carry no payload. Raises KeyError for an unknown order.
    """
    if scope.tokens == ():
        return Found([], False, False)
    query = shown(scope, Page(scope, wanted, order, cursor).query())
    rows = list(Interrupt.objects.raw(query.text, query.parameters))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if cursor is None or not cursor.back:
        return Found(rows, cursor is not None, more)
    return Found(rows[::-1], more, True)


def ids(scope: Scope, wanted: Wanted, order: str, most: int) -> list[UUID]:
    """The first interrupts that wait, at most one more than `most`, in this order; one query."""
    if scope.tokens == ():
        return []
    found = Page(scope, wanted, order, None, most).query()
    query = found.into("SELECT interrupt_id FROM ({}) AS found ORDER BY seg, pos")
    with connection.cursor() as cursor:
        cursor.execute(query.text, query.parameters)
        return [row[0] for row in cursor.fetchall()]


def shown(scope: Scope, found: SQL) -> SQL:
    return written(SHOWN.replace("%s", "{}", 1), SQL("%s", (scope.user_id,)), found)


def explained(scope: Scope, wanted: Wanted, order: str, cursor: Cursor | None = None) -> str:
    """The plan of that page, run and timed, as text."""
    query = shown(scope, Page(scope, wanted, order, cursor).query())
    with connection.cursor() as sent:
        sent.execute(f"EXPLAIN (ANALYZE, BUFFERS) {query.text}", query.parameters)
        return "\n".join(row[0] for row in sent.fetchall())


@dataclass(frozen=True, slots=True)
class Page:
    """The query of one page, which gives (interrupt_id, seg, pos)."""

    scope: Scope
    wanted: Wanted
    order: str
    cursor: Cursor | None
    size: int = PAGE

    def query(self) -> SQL:
        if self.scope.snoozed:
            return self._far("true")
        near = [self._near(number, segment) for number, segment in self._segments()]
        names = [f"near_{number}" for number, _ in self._segments()]
        walked = " UNION ALL ".join(f"SELECT * FROM {name}" for name in names)
        if not self.wanted:
            rows = (
                f"SELECT interrupt_id, seg, pos FROM ({walked}) AS walked "
                f"ORDER BY seg, pos LIMIT {self.size + 1}"
            )
            return written("WITH {} {}", joined(", ", near), SQL(rows))
        short = SQL(f"short AS MATERIALIZED (SELECT {self._room} AND {CUT} AS is FROM ({walked}) AS walked)")
        rows = (
            f"SELECT interrupt_id, seg, pos FROM ({walked}) AS walked "
            "WHERE hit AND NOT (SELECT short.is FROM short)"
        )
        far = self._far("(SELECT short.is FROM short)")
        return written(
            "WITH {} SELECT * FROM ({} UNION ALL {}) AS either "
            f"ORDER BY seg, pos LIMIT {self.size + 1}",
            joined(", ", [*near, short]),
            SQL(rows),
            far.into("({})"),
        )

    def _segments(self) -> Iterator[tuple[int, Segment]]:
        """Those from the cursor on, in the order in which they are read."""
        numbered = list(enumerate(ORDERS[self.order]))
        if self.cursor is None:
            yield from numbered
        elif self.cursor.back:
            yield from numbered[: self.cursor.segment + 1][::-1]
        else:
            yield from numbered[self.cursor.segment :]

    def _within(self, number: int, segment: Segment) -> list[SQL]:
        here = [SQL(segment.condition), *self.wanted.limits(segment.columns[0])]
        if self.cursor and self.cursor.segment == number:
            here.append(segment.beyond(self.cursor))
        return here

    def _near(self, number: int, segment: Segment) -> SQL:
        """One segment walked in order, unless those before it have filled the page."""
        hit = self.wanted.conditions() or SQL("true")
        order, limit = segment.order(self._back), segment.walk if self.wanted else self.size + 1
        ranges = [
            written(
                f"(SELECT e.* FROM flows_inboxentry e WHERE {{}} ORDER BY {order} LIMIT {limit})",
                joined(" AND ", [part, *self._within(number, segment), self.scope.condition()]),
            )
            for part in self.scope.parts()
        ]
        earlier = [n for n, _ in self._segments()]
        before = " UNION ALL ".join(
            f"SELECT hit, cut FROM near_{n}" for n in earlier[: earlier.index(number)]
        )
        goes_on = f"WHERE (SELECT {self._room} AND NOT {CUT} FROM ({before}) AS earlier)" if before else ""
        return written(
            f"near_{number} AS MATERIALIZED (SELECT interrupt_id, {self._rank(number)} AS seg, pos, hit, "
            f"pos = {segment.walk} AS cut FROM ("
            "SELECT e.interrupt_id, {} AS hit, row_number() OVER () AS pos FROM ("
            "SELECT * FROM ({}) AS e " + goes_on + f" ORDER BY {order} LIMIT {limit}) AS e) AS walked "
            f"WHERE hit OR pos = {segment.walk} LIMIT {self.size + 2})",
            hit,
            joined(" UNION ALL ", ranges),
        )

    def _far(self, when: str) -> SQL:
        """Everything that is wanted, sorted."""
        source = SNOOZED if self.scope.snoozed else "flows_inboxentry e"
        matches = written(
            f"SELECT DISTINCT e.interrupt_id, e.created_at, e.due_at, e.priority FROM {source} "
            f"WHERE {when} AND {{}}",
            joined(" AND ", [self.scope.whole(), self.scope.condition(), self.wanted.conditions()]),
        )
        parts = [self._sorted(number, segment) for number, segment in self._segments()]
        return written(
            "WITH e AS MATERIALIZED ({}) SELECT * FROM ({}) AS sorted ORDER BY seg, pos "
            f"LIMIT {self.size + 1}",
            matches,
            joined(" UNION ALL ", parts),
        )

    def _sorted(self, number: int, segment: Segment) -> SQL:
        order = segment.order(self._back)
        within = joined(" AND ", self._within(number, segment)) or SQL("true")
        return written(
            f"(SELECT e.interrupt_id, {self._rank(number)} AS seg, "
            f"row_number() OVER (ORDER BY {order}) AS pos FROM e WHERE {{}} "
            f"ORDER BY {order} LIMIT {self.size + 1})",
            within,
        )

    def _rank(self, number: int) -> int:
        """Segments count down when they are read backwards; `seg` in a row is their number either way."""
        return -number if self._back else number

    @property
    def _room(self) -> str:
        """Of entries that were walked: whether they leave room on the page."""
        return f"count(*) FILTER (WHERE hit) <= {self.size}"

    @property
    def _back(self) -> bool:
        return self.cursor is not None and self.cursor.back
