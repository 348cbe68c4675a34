"""Runs of chunks on a fleet: sent, claimed, renewed and brought back, each in one statement.

Time is PostgreSQL's clock. Whatever locks an execution and a run locks the execution first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from flows.engine import dump_json
from flows.store import crash, doors

LONGEST_RESEND = 3600.0  # seconds between two sends of what nobody claims
MOST_AT_ONCE = 100

# New runs, due to be sent; in the transaction of the commit that sends them away.
ADD = """
INSERT INTO flows_remoterun (id, execution_id, step, activation, attempt, status)
SELECT id, of, step, activation, attempt, 'queued'
FROM unnest(%(id)s::uuid[], %(of)s::uuid[], %(step)s::text[], %(activation)s::int[], %(attempt)s::int[])
    AS r(id, of, step, activation, attempt)
"""

# What has to be sent now: new, not claimed since it was sent, or claimed by a worker that has gone silent.
# Unless somebody claims it, it is due again later, each time after twice as long. What belongs to an ended
# execution is dropped instead. Index remote_run_due.
TAKE_DUE = """
WITH due AS (
    SELECT r.id, e.status IN ('completed', 'cancelled') AS over
    FROM flows_remoterun r JOIN flows_execution e ON e.id = r.execution_id
    WHERE r.due_at <= now() ORDER BY r.due_at LIMIT %(limit)s FOR NO KEY UPDATE OF r SKIP LOCKED
), taken AS (
    UPDATE flows_remoterun r SET sends = r.sends + 1,
        status = CASE WHEN due.over THEN 'dropped' ELSE 'queued' END,
        due_at = CASE WHEN NOT due.over THEN now() + interval '1 second'
            * least(%(resend_seconds)s * 2 ^ least(r.sends, 20), %(longest)s) END
    FROM due WHERE r.id = due.id
    RETURNING r.id, due.over
)
SELECT id FROM taken WHERE NOT over
"""

# They could not be sent: due again soon, and not counted. By primary key.
GIVE_BACK = """
UPDATE flows_remoterun
SET sends = greatest(sends - 1, 0), due_at = now() + %(delay_seconds)s * interval '1 second'
WHERE id = ANY(%(ids)s::uuid[]) AND status = 'queued'
"""

# Leases a run to a worker of the fleet, unless another has it, it has been done, or its execution has
# ended. By primary key.
CLAIM = """
UPDATE flows_remoterun r
SET status = 'running', epoch = r.epoch + 1, owner = %(owner)s, sends = 0, started_at = now(),
    due_at = now() + %(lease_seconds)s * interval '1 second'
FROM flows_execution e
WHERE r.id = %(id)s AND (r.status = 'queued' OR (r.status = 'running' AND r.due_at <= now()))
    AND e.id = r.execution_id AND e.status NOT IN ('completed', 'cancelled')
RETURNING r.id, r.execution_id, r.activation, r.epoch, e.flow, e.snapshot
"""

# Prolongs the lease of who claimed last, while the execution goes on. By primary key.
RENEW = """
UPDATE flows_remoterun r SET status = 'running', due_at = now() + %(lease_seconds)s * interval '1 second'
FROM flows_execution e
WHERE r.id = %(id)s AND r.epoch = %(epoch)s AND r.status IN ('queued', 'running')
    AND e.id = r.execution_id AND e.status NOT IN ('completed', 'cancelled')
"""

# The outcome of who claimed last becomes a message, and wakes the execution, whose row is locked; once it
# has ended nothing is written but the run's own end. A failed execution sleeps until it is retried. All by
# primary key.
FINISH = """
WITH ended AS (
    UPDATE flows_remoterun r SET due_at = NULL, finished_at = now(),
        status = CASE WHEN e.status IN ('completed', 'cancelled') THEN 'dropped' ELSE 'done' END
    FROM flows_execution e
    WHERE e.id = r.execution_id AND r.id = %(id)s
        AND r.epoch = %(epoch)s AND r.status IN ('queued', 'running')
    RETURNING r.execution_id, r.status = 'done' AS wanted
), message AS (
    INSERT INTO flows_message (execution_id, kind, body)
    SELECT execution_id, 'outcome', %(body)s::json FROM ended WHERE wanted
)
UPDATE flows_execution e
SET message_seq = e.message_seq + 1, wake_at = CASE WHEN e.status = 'failed' THEN e.wake_at ELSE now() END
FROM ended WHERE e.id = ended.execution_id AND ended.wanted
"""


@dataclass(frozen=True, slots=True)
class Run:
    """An activation that is sent away, as `id`."""

    id: UUID
    step: str
    activation: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """A run that is ours until its lease ends and somebody else's epoch begins; `snapshot` (JSON text) is
    the execution's as it is now."""

    id: UUID
    execution_id: UUID
    activation: int
    epoch: int
    flow: str
    snapshot: str


def add(runs: Sequence[tuple[UUID, Run]]) -> None:
    """Write new runs of these executions; inside the caller's transaction."""
    columns: dict[str, Any] = {"of": [execution_id for execution_id, _ in runs]}
    for name in ("id", "step", "activation", "attempt"):
        columns[name] = [getattr(run, name) for _, run in runs]
    with connection.cursor() as cursor:
        cursor.execute(ADD, columns)


def take_due(*, resend_seconds: float) -> list[UUID]:
    """What has to be sent now, at most MOST_AT_ONCE; nobody else sends these meanwhile."""
    parameters = {"limit": MOST_AT_ONCE, "resend_seconds": resend_seconds, "longest": LONGEST_RESEND}
    with connection.cursor() as cursor:
        cursor.execute(TAKE_DUE, parameters)
        return [id for (id,) in cursor.fetchall()]


def give_back(ids: Sequence[UUID], *, delay_seconds: float) -> None:
    """They could not be sent: let them be due in so many seconds."""
    with connection.cursor() as cursor:
        cursor.execute(GIVE_BACK, {"ids": list(ids), "delay_seconds": delay_seconds})


def claim(*, id: UUID, owner: str, lease_seconds: float) -> Claimed | None:
    """The run, if it is to be had: a second delivery gets None while the first one lives, and after it."""
    crash.point("fleet.delivered")
    row = doors.first(CLAIM, {"id": id, "owner": owner, "lease_seconds": lease_seconds})
    crash.point("fleet.claimed")
    return None if row is None else Claimed(*row)


def renew(run: Claimed, *, lease_seconds: float) -> bool:
    """Prolong the lease; False when somebody else has the run, or its execution has ended."""
    return doors.written(RENEW, {"id": run.id, "epoch": run.epoch, "lease_seconds": lease_seconds})


def finish(run: Claimed, outcome: dict[str, Any]) -> bool:
    """Bring the outcome back, in a transaction of its own; False, and nothing brought, when somebody else
    has the run or its execution has ended."""
    body = {"run": str(run.id), "activation": run.activation, "claims": run.epoch, "outcome": outcome}
    crash.point("fleet.ran")
    with transaction.atomic():
        doors.lock(run.execution_id)
        brought = doors.written(FINISH, {"id": run.id, "epoch": run.epoch, "body": dump_json(body)})
        crash.point("fleet.written")
        crash.after_commit("fleet.brought")
    return brought
