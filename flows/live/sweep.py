"""What changed lately, read from the history itself: a hint that was lost is made up for at the next look.

Events are written in the transaction of what they tell of, with growing ids. Ids are handed out before the
commit, so a smaller one may become visible after a larger one: everything above `_low` is looked at again
until whoever may still hold a smaller id has ended.
"""

import time
from collections import deque
from typing import Any

import psycopg

from flows.live.hints import EVERYTHING, topics_of
from flows.models import ANYONE

MOST = 2_000  # new events in one look; with more of them everybody looks
SETTLED_SECONDS = 5.0  # an id is taken a moment before its transaction shows in snapshots
ADVANCED = "interrupt.advanced"  # the audience has changed: those of the stage before are told as well
BACK = 1_000  # ids before the newest that are looked at in the beginning

# The oldest transaction that runs, the next one to begin, and what is new. By primary keys; one row at least.
LOOK = """
SELECT pg_snapshot_xmin(s.now)::text::bigint, pg_snapshot_xmax(s.now)::text::bigint,
    e.id, e.execution_id, q.audience, CASE WHEN e.kind = %s THEN q.policy END
FROM (SELECT pg_current_snapshot() AS now) AS s
LEFT JOIN LATERAL (SELECT id, execution_id, interrupt_id, kind FROM flows_event
    WHERE id > %s AND id <> ALL(%s::bigint[]) ORDER BY id LIMIT %s) AS e ON true
LEFT JOIN flows_interrupt q ON q.id = e.interrupt_id
"""
NEWEST = "SELECT coalesce(max(id), 0) FROM flows_event"


class Sweep:
    """For one connection, which is in autocommit; `begin` first, then `look` again and again."""

    def __init__(self) -> None:
        self._low = 0
        self._seen: set[int] = set()
        self._marks: deque[tuple[float, int, int]] = deque()  # when, the newest id then, the next transaction

    async def begin(self, line: psycopg.AsyncConnection[Any]) -> None:
        """What is there now is known."""
        newest = await (await line.execute(NEWEST)).fetchone()
        self._low = max(0, newest[0] - BACK) if newest else 0
        await self.look(line)

    async def look(self, line: psycopg.AsyncConnection[Any]) -> set[str]:
        """The topics of what has been committed since the last look; raises what the database does."""
        found = await line.execute(LOOK, [ADVANCED, self._low, list(self._seen), MOST])
        rows = await found.fetchall()
        fresh = [row[2:] for row in rows if row[2] is not None]
        self._seen.update(id for id, *_ in fresh)
        self._settle(*rows[0][:2])
        if len(fresh) == MOST:
            return {EVERYTHING}
        return {
            topic
            for _, execution, audience, policy in fresh
            for topic in topics_of(execution, [audience or (), *stages_in(policy)])
        }

    def _settle(self, oldest: int, following: int) -> None:
        """Forget the ids below which nothing can appear any more."""
        now = time.monotonic()
        self._marks.append((now, max(self._seen, default=self._low), following))
        while self._marks[0][2] <= oldest and now - self._marks[0][0] >= SETTLED_SECONDS:
            self._low = max(self._low, self._marks.popleft()[1])
            if not self._marks:
                break
        self._seen = {id for id in self._seen if id > self._low}


def stages_in(policy: Any) -> list[list[str]]:
    """The audiences of all stages of a policy, and whoever may be meant by a stage without one."""
    stages = policy.get("stages") or () if isinstance(policy, dict) else ()
    return [
        [f"u:{name}" for name in stage.get("users", ())]
        + [f"g:{name}" for name in stage.get("groups", ())]
        + [ANYONE]
        for stage in stages
    ]
