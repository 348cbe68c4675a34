"""What is always true of the rows, as far as SQL can see it: each a query for what breaks it.

Queries run in one REPEATABLE READ transaction beside working workers, so each allows for what is on
its way: a message that no worker has applied yet.
"""

from typing import Any
from uuid import UUID

from django.db import connection

from flows.store.invariants.belonging import BELONGING
from flows.store.invariants.history import HISTORY
from flows.store.invariants.invariant import Broken, Invariant
from flows.store.invariants.state import ANSWERS, INBOX, STATE
from flows.store.invariants.voting import VOTING

__all__ = ["ALL", "EXAMPLES", "Broken", "Invariant", "broken"]

EXAMPLES = 5
ALL = (*STATE, *ANSWERS, *INBOX, *VOTING, *HISTORY, *BELONGING)


def broken(invariant: Invariant, execution_id: UUID | None = None) -> Broken | None:
    """What breaks it; None when nothing does. Reads whole tables, unless it `testifies` and is asked about
    one execution."""
    query = (
        "SELECT count(*), (array_agg(id::text ORDER BY id::text))[1:%(examples)s] "  # noqa: S608
        f"FROM ({invariant.query}) AS offending"
    )
    parameters: dict[str, Any] = {"examples": EXAMPLES, "execution": execution_id}
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        count, examples = cursor.fetchone()
    if not count:
        return None
    return Broken(invariant.name, invariant.meaning, invariant.subject, count, tuple(examples))
