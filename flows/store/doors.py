"""What services write, each in one statement, inside the caller's transaction."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from flows.engine import dump_json

# Locks the execution's row and tells the time. By primary key.
LOCK = "SELECT status, now() FROM flows_execution WHERE id = %s FOR NO KEY UPDATE"

# A new execution and its first event; no row when the request id is taken. Unique index on request_id.
START = """
WITH started AS (
    INSERT INTO flows_execution (id, flow, status, requester_id, request_id, input)
    VALUES (%(id)s, %(flow)s, 'created', %(requester)s, %(request_id)s, %(input)s::json)
    ON CONFLICT (request_id) DO NOTHING
    RETURNING id
)
INSERT INTO flows_event (execution_id, kind, actor_id, door, address, detail)
SELECT id, 'execution.started', %(requester)s, %(door)s, '', NULL FROM started
"""

# Closes a waiting interrupt with its answer and wakes the execution, whose row is locked; no row when
# the interrupt does not wait. A failed execution keeps the answer and sleeps until it is retried.
# All by primary key.
ANSWER = """
WITH closed AS (
    UPDATE flows_interrupt SET status = 'answered', closed_at = now()
    WHERE id = %(interrupt)s AND status = 'waiting'
    RETURNING id, execution_id, digest
), response AS (
    INSERT INTO flows_response (interrupt_id, execution_id, value, by_id, door, request_id, digest)
    SELECT id, execution_id, %(value)s::json, %(by)s, %(door)s, %(request_id)s, digest FROM closed
    RETURNING id
), event AS (
    INSERT INTO flows_event (execution_id, interrupt_id, kind, actor_id, door, address, detail)
    SELECT execution_id, id, 'interrupt.answered', %(by)s, %(door)s, %(address)s, %(detail)s::json FROM closed
), message AS (
    INSERT INTO flows_message (execution_id, kind, body)
    SELECT execution_id, 'answer', %(message)s::json FROM closed
), woken AS (
    UPDATE flows_execution e
    SET message_seq = e.message_seq + 1, wake_at = CASE WHEN e.status = 'failed' THEN e.wake_at ELSE now() END
    FROM closed WHERE e.id = closed.execution_id
)
SELECT id FROM response
"""

# Sends a failed execution back to work; no row when it is not failed. By primary key.
RETRY = """
WITH retried AS (
    UPDATE flows_execution
    SET status = 'running', error = NULL, claims = 0, wake_at = now(), message_seq = message_seq + 1,
        updated_at = now()
    WHERE id = %(id)s AND status = 'failed'
    RETURNING id
), message AS (
    INSERT INTO flows_message (execution_id, kind) SELECT id, 'retry' FROM retried
)
INSERT INTO flows_event (execution_id, kind, actor_id, door, address, detail)
SELECT id, 'execution.retried', %(by)s, %(door)s, '', NULL FROM retried
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
    SELECT id, 'execution.cancelled', %(by)s, %(door)s, '', %(detail)s::json FROM cancelled
), message AS (
    DELETE FROM flows_message m USING cancelled WHERE m.execution_id = cancelled.id
), closed AS (
    UPDATE flows_interrupt q SET status = 'cancelled', closed_at = now(), closed_reason = %(reason)s
    FROM cancelled WHERE q.execution_id = cancelled.id AND q.status = 'waiting'
    RETURNING q.id, q.execution_id, q.audience
), closings AS (
    INSERT INTO flows_event (execution_id, interrupt_id, kind, actor_id, door, address, detail)
    SELECT execution_id, id, 'interrupt.closed', %(by)s, %(door)s, '', %(detail)s::json FROM closed
)
SELECT array(SELECT DISTINCT token FROM closed, unnest(audience) AS token) FROM cancelled
"""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who did it (`by`, a user's key; None: code), by which door, from which address."""

    by: Any
    door: str
    address: str = ""


def lock(execution_id: UUID) -> tuple[str, datetime]:
    """Hold the execution's row until the transaction ends; its status, and the transaction's time.

    Always the first lock of a transaction: then no two can wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [execution_id])
        status, now = cursor.fetchone()
        return status, now


def start(*, id: UUID, flow: str, input: Any, request_id: str | None, origin: Origin) -> bool:
    """Insert a runnable execution; False, and nothing written, when `request_id` is taken."""
    with connection.cursor() as cursor:
        cursor.execute(
            START,
            {
                "id": id,
                "flow": flow,
                "requester": origin.by,
                "request_id": request_id,
                "input": dump_json(input),
                "door": origin.door,
            },
        )
        return bool(cursor.rowcount)


def answer(
    *, interrupt_id: UUID, value: Any, request_id: str | None, message: dict[str, Any], origin: Origin
) -> int | None:
    """Write the one answer of a waiting interrupt and wake its execution; the response's id.

    None, and nothing written, when the interrupt does not wait. `value` is tagged JSON,
    `message` what the worker applies: {"key", "value", "response"}.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            ANSWER,
            {
                "interrupt": interrupt_id,
                "value": dump_json(value),
                "request_id": request_id,
                "message": dump_json(message),
                "detail": dump_json({"value": value}),
                "by": origin.by,
                "door": origin.door,
                "address": origin.address,
            },
        )
        row: tuple[Any] | None = cursor.fetchone()
        return None if row is None else row[0]


def retry(*, id: UUID, origin: Origin) -> bool:
    """Make a failed execution runnable again; False when it is not failed."""
    with connection.cursor() as cursor:
        cursor.execute(RETRY, {"id": id, "by": origin.by, "door": origin.door})
        return bool(cursor.rowcount)


def cancel(*, id: UUID, reason: str, origin: Origin) -> list[str] | None:
    """End an execution and its waiting interrupts; their audience tokens, None when it had ended."""
    detail = json.dumps({"reason": reason})
    parameters = {"id": id, "reason": reason, "detail": detail, "by": origin.by, "door": origin.door}
    with connection.cursor() as cursor:
        cursor.execute(CANCEL, parameters)
        row: tuple[Any] | None = cursor.fetchone()
        return None if row is None else row[0]
