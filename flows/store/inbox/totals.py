"""How much is in each view of an inbox, and what else its head shows, in one query."""

# ruff: noqa: S608 - put together from constants; every value is a parameter

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from flows.store.inbox.listing import SNOOZED
from flows.store.inbox.scope import Scope
from flows.store.inbox.sql import SQL, joined, written

MOST_COUNTED = 1000  # beyond, a count is one more than this

# By the unique indexes on the person.
SAVED = """SELECT coalesce(json_agg(json_build_object('id', v.id, 'name', v.name, 'query', v.query,
    'is_start', v.is_start) ORDER BY lower(v.name), v.id), '[]')
FROM flows_savedview v WHERE v.user_id = %s"""
WAKES = "SELECT min(s.until) FROM flows_snooze s WHERE s.user_id = %s AND s.until > now()"


@dataclass(frozen=True, slots=True)
class Totals:
    """`counts` by the names that were asked for; `saved` views as {"id", "name", "query", "is_start"};
    `wakes_at`, when the next snoozed item comes back."""

    counts: dict[str, int]
    saved: list[dict[str, Any]]
    wakes_at: datetime | None


def totals(scopes: Mapping[str, Scope], user_id: int) -> Totals:
    """Count what waits in each of the scopes, at most one more than MOST_COUNTED."""
    pieces = [*map(counted, scopes.values()), SQL(SAVED, (user_id,)), SQL(WAKES, (user_id,))]
    query = joined(", ", [piece.into("({})") for piece in pieces]).into("SELECT {}")
    with connection.cursor() as cursor:
        cursor.execute(query.text, query.parameters)
        *counts, saved, wakes_at = cursor.fetchone()
    return Totals(dict(zip(scopes, counts, strict=True)), saved, wakes_at)


def counted(scope: Scope) -> SQL:
    if scope.tokens == ():
        return SQL("SELECT 0")
    if scope.snoozed:
        conditions = joined(" AND ", [scope.whole(), scope.condition()])
        return written(
            f"SELECT count(*) FROM (SELECT DISTINCT e.interrupt_id FROM {SNOOZED} WHERE {{}} "
            f"LIMIT {MOST_COUNTED + 1}) AS counted",
            conditions,
        )
    parts = [
        written("(SELECT 1 FROM flows_inboxentry e WHERE {})", joined(" AND ", [part, scope.condition()]))
        for part in scope.parts()
    ]
    return written(
        f"SELECT count(*) FROM ({{}} LIMIT {MOST_COUNTED + 1}) AS counted", joined(" UNION ALL ", parts)
    )
