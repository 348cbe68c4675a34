"""What services do to executions, each in one statement, inside the caller's transaction."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flows.engine import dump_json
from flows.store import crash
from flows.store.connection import prepared

# Locks the execution's row. By primary key.
LOCK = "SELECT FROM flows_execution WHERE id = %s FOR NO KEY UPDATE"

# A new execution and its first event; no row when the request id is taken. By execution_request_once.
START = """
WITH started AS (
    INSERT INTO flows_execution (id, flow, queue, status, requester_id, request_id, input)
    VALUES (%(id)s, %(flow)s, %(queue)s, 'created', %(by)s::bigint, %(request_id)s, %(input)s::json)
    ON CONFLICT (request_id) WHERE request_id IS NOT NULL DO NOTHING
    RETURNING id, created_at
), event AS (
    INSERT INTO flows_event (execution_id, kind, actor_id, door, address, detail)
    SELECT id, 'execution.started', %(by)s::bigint, %(door)s, '', NULL FROM started
)
SELECT created_at FROM started
"""

# Sends an event to an execution and closes the interrupts that wait on it; no row when it has ended. By
# primary key; interrupts by interrupt_key_waits_once.
EMIT = """
WITH sent AS (
    UPDATE flows_execution e
    SET message_seq = e.message_seq + 1, wake_at = CASE WHEN e.status = 'failed' THEN e.wake_at ELSE now() END
    WHERE e.id = %(id)s AND e.status NOT IN ('completed', 'cancelled')
    RETURNING e.id
), closed AS (
    UPDATE flows_interrupt q SET status = 'cancelled', closed_at = now(), closed_reason = %(reason)s
    FROM sent
    WHERE q.execution_id = sent.id AND q.status IN ('waiting', 'suspended') AND q.resume_event = %(event)s
    RETURNING q.id, q.execution_id, q.key, q.audience
), message AS (
    INSERT INTO flows_message (execution_id, kind, body)
    SELECT id, 'emit', json_build_object('event', %(event)s::text, 'value', %(value)s::json,
        'resolves', (SELECT coalesce(json_agg(key), '[]') FROM closed))
    FROM sent
), events AS (
    INSERT INTO flows_event (execution_id, interrupt_id, kind, actor_id, door, address, detail)
    SELECT id, NULL::uuid, 'execution.emitted', %(by)s::bigint, %(door)s, %(address)s, %(detail)s::json
    FROM sent
    UNION ALL
    SELECT execution_id, id, 'interrupt.closed', %(by)s::bigint, %(door)s, %(address)s,
        json_build_object('reason', %(reason)s::text)
    FROM closed
)
SELECT array(SELECT DISTINCT token FROM closed, unnest(audience) AS token) FROM sent
"""

# What was sent to an execution under this request id, and by whom. By index event_of_execution.
EMITTED = """
SELECT actor_id, detail FROM flows_event
WHERE execution_id = %(id)s AND kind = 'execution.emitted' AND detail ->> 'request_id' = %(request_id)s
"""

# Sends a failed execution back to work, and its questions back to the inbox; no row when it is not failed.
# By primary key; interrupts by interrupt_key_waits_once.
RETRY = """
WITH retried AS (
    UPDATE flows_execution
    SET status = 'running', error = NULL, claims = 0, wake_at = now(), message_seq = message_seq + 1,
        updated_at = now()
    WHERE id = %(id)s AND status = 'failed'
    RETURNING id
), message AS (
    INSERT INTO flows_message (execution_id, kind) SELECT id, 'retry' FROM retried
), restored AS (
    UPDATE flows_interrupt q SET status = 'waiting'
    FROM retried WHERE q.execution_id = retried.id AND q.status = 'suspended'
    RETURNING q.id, q.execution_id, q.audience
), events AS (
    INSERT INTO flows_event (execution_id, interrupt_id, kind, actor_id, door, address, detail)
    SELECT id, NULL::uuid, 'execution.retried', %(by)s::bigint, %(door)s, '', NULL::json FROM retried
    UNION ALL
    SELECT execution_id, id, 'interrupt.restored', %(by)s::bigint, %(door)s, '', NULL::json FROM restored
)
SELECT array(SELECT DISTINCT token FROM restored, unnest(audience) AS token) FROM retried
"""

# Ends an execution for good and withdraws its questions; no row when it has ended. The new epoch makes
# the database refuse whatever a worker still holds. By primary key; interrupts by interrupt_key_waits_once.
CANCEL = """
WITH cancelled AS (
    UPDATE flows_execution
    SET status = 'cancelled', epoch = epoch + 1, wake_at = NULL, lease_owner = NULL, lease_until = NULL,
        finished_at = now(), updated_at = now()
    WHERE id = %(id)s AND status NOT IN ('completed', 'cancelled')
    RETURNING id
), event AS (
    INSERT INTO flows_event (execution_id, kind, actor_id, door, address, detail)
    SELECT id, 'execution.cancelled', %(by)s::bigint, %(door)s, '', %(detail)s::json FROM cancelled
), message AS (
    DELETE FROM flows_message m USING cancelled WHERE m.execution_id = cancelled.id
), closed AS (
    UPDATE flows_interrupt q SET status = 'cancelled', closed_at = now(), closed_reason = %(reason)s
    FROM cancelled WHERE q.execution_id = cancelled.id AND q.status IN ('waiting', 'suspended')
    RETURNING q.id, q.execution_id, q.audience
), closings AS (
    INSERT INTO flows_event (execution_id, interrupt_id, kind, actor_id, door, address, detail)
    SELECT execution_id, id, 'interrupt.closed', %(by)s::bigint, %(door)s, '', %(detail)s::json FROM closed
)
SELECT array(SELECT DISTINCT token FROM closed, unnest(audience) AS token) FROM cancelled
"""

CLOSED_BY_EVENT = "The flow went on without this answer."


@dataclass(frozen=True, slots=True)
class Origin:
    """Who did it (`by`, a user's key; None: code), by which door, from which address."""

    by: Any
    door: str
    address: str = ""


def lock(execution_id: UUID) -> None:
    """Hold the execution's row until the transaction ends; without effect when it is gone.

    Always the first lock of a transaction: then no two can wait for each other.
    """
    with prepared() as cursor:
        cursor.execute(LOCK, [execution_id])


@dataclass(frozen=True, slots=True)
class New:
    """An execution that does not exist yet. `input` is tagged JSON."""

    id: UUID
    flow: str
    queue: str
    input: Any
    request_id: str | None


def start(new: New, *, origin: Origin) -> datetime | None:
    """Insert a runnable execution; when that was, None and nothing written when its `request_id` is taken."""
    parameters = {"id": new.id, "flow": new.flow, "queue": new.queue, "request_id": new.request_id}
    parameters["input"] = dump_json(new.input)
    crash.point("start.before")
    row = first(START, parameters | by(origin))
    crash.point("start.written")
    return None if row is None else row[0]


@dataclass(frozen=True, slots=True)
class Emit:
    """An event for an execution. `value` is tagged JSON; `by` is the key of the user who sent it."""

    event: str
    value: Any
    request_id: str | None = None
    by: Any = None


def emitted(*, id: UUID, request_id: str) -> Emit | None:
    """What was sent to this execution under this request id; its row is locked."""
    row = first(EMITTED, {"id": id, "request_id": request_id})
    return None if row is None else Emit(row[1]["event"], row[1]["value"], request_id, row[0])


def emit(emit: Emit, *, id: UUID, origin: Origin) -> list[str] | None:
    """Send an event; the audience tokens of what it closed, None when the execution had ended."""
    detail = {"event": emit.event, "value": emit.value}
    if emit.request_id is not None:
        detail["request_id"] = emit.request_id
    parameters = {
        "id": id,
        "event": emit.event,
        "value": dump_json(emit.value),
        "reason": CLOSED_BY_EVENT,
        "detail": dump_json(detail),
    }
    crash.point("emit.before")
    row = first(EMIT, parameters | by(origin))
    crash.point("emit.written")
    return None if row is None else row[0]


def retry(*, id: UUID, origin: Origin) -> list[str] | None:
    """Make a failed execution runnable again; the audience tokens of its questions, None when not failed."""
    crash.point("retry.before")
    row = first(RETRY, {"id": id} | by(origin))
    crash.point("retry.written")
    return None if row is None else row[0]


def cancel(*, id: UUID, reason: str, origin: Origin) -> list[str] | None:
    """End an execution and its open interrupts; their audience tokens, None when it had ended."""
    detail = json.dumps({"reason": reason})
    crash.point("cancel.before")
    row = first(CANCEL, {"id": id, "reason": reason, "detail": detail} | by(origin))
    crash.point("cancel.written")
    return None if row is None else row[0]


def by(origin: Origin) -> dict[str, Any]:
    """Who did it, as parameters of a query."""
    return {"by": origin.by, "door": origin.door, "address": origin.address}


def first(query: str, parameters: dict[str, Any] | list[Any]) -> Any:
    """The first row that `query` returns, None without one."""
    with prepared() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchone()


def written(query: str, parameters: dict[str, Any]) -> bool:
    """Whether `query` wrote a row, the last one of its parts at least."""
    with prepared() as cursor:
        cursor.execute(query, parameters)
        return bool(cursor.rowcount)
