"""What is done: what a person has answered, and closed questions that they could see, newest first."""

# ruff: noqa: S608 - put together from constants; every value is a parameter

from flows.models import Interrupt
from flows.store.inbox.listing import PAGE, Found, shown
from flows.store.inbox.orders import Cursor
from flows.store.inbox.scope import Scope, Wanted
from flows.store.inbox.sql import SQL, joined, written

WALK = 20_000  # of what is closed the newest so many are looked through

# By interrupt_closed or interrupt_audience, whichever the planner finds better; answers by
# response_by, votes by who gave them.
CLOSED = """SELECT q.id, q.closed_at FROM flows_interrupt q
WHERE q.status NOT IN ('waiting', 'suspended') AND q.type IN ('approval', 'human_input') AND {}"""
ANSWERED = """SELECT q.id, q.closed_at FROM (
    SELECT r.interrupt_id FROM flows_response r WHERE r.by_id = %s
    UNION SELECT v.interrupt_id FROM flows_vote v WHERE v.by_id = %s
) AS own JOIN flows_interrupt q ON q.id = own.interrupt_id
WHERE q.status NOT IN ('waiting', 'suspended')"""

ASKED_BY = """EXISTS (SELECT FROM flows_execution x JOIN auth_user u ON u.id = x.requester_id
    WHERE x.id = q.execution_id AND u.username = %s)"""


def closed_page(scope: Scope, wanted: Wanted, cursor: Cursor | None = None) -> Found:
    """At most PAGE closed interrupts, the last closed first; `cursor.at` is when the row beside it closed.

    Looks only at the flow, type, requester, priority, times of closing (`created_*`) and title, among the
    newest WALK of them.
    """
    back = cursor is not None and cursor.back
    place = SQL("")
    if cursor:
        place = SQL(f"(q.closed_at, q.id) {'>' if back else '<'} (%s, %s)", (cursor.at, cursor.id))
    direction = "ASC" if back else "DESC"
    order = f" ORDER BY q.closed_at {direction}, q.id {direction} LIMIT {WALK}"
    seen = written(CLOSED + order, joined(" AND ", [_visible(scope), place]))
    own = written(
        ANSWERED.replace("%s", "{}") + (" AND {}" if place else "{}") + order,
        *2 * [SQL("%s", (scope.user_id,))],
        place,
    )
    query = written(
        "SELECT DISTINCT q.id AS interrupt_id, 0 AS seg, "
        f"row_number() OVER (ORDER BY q.closed_at {direction}, q.id {direction}) AS pos "
        "FROM (({}) UNION ({})) AS seen JOIN flows_interrupt q ON q.id = seen.id "
        f"WHERE {{}} ORDER BY pos LIMIT {PAGE + 1}",
        seen,
        own,
        _wanted(wanted),
    )
    query = shown(scope, query)
    rows = list(Interrupt.objects.raw(query.text, query.parameters))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return Found(rows[::-1], more, True) if back else Found(rows, cursor is not None, more)


def _visible(scope: Scope) -> SQL:
    not_own = SQL("q.excluded_id IS DISTINCT FROM %s", (scope.user_id,))
    if scope.tokens is None:
        return not_own
    return joined(" AND ", [not_own, SQL("q.audience && %s::text[]", (list(scope.tokens),))])


def _wanted(wanted: Wanted) -> SQL:
    given = [
        ("q.flow = %s", wanted.flow),
        ("q.type = %s", wanted.type),
        ("q.priority = %s", wanted.priority),
        ("q.closed_at >= %s", wanted.created_after),
        ("q.closed_at < %s", wanted.created_before),
        (ASKED_BY, wanted.requester),
    ]
    found = [SQL(text, (value,)) for text, value in given if value is not None]
    if wanted.search:
        title = SQL("strpos(lower(q.title), lower(%s)) > 0", (wanted.search,))
        either = SQL("q.flow = ANY(%s::text[])", (list(wanted.titled),))
        found.append(joined(" OR ", [title, either]).into("({})"))
    return joined(" AND ", found) or SQL("true")
