"""What services do to interrupts and answers, each in one statement, inside the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flows.engine import dump_json
from flows.store.doors import Origin, by, first, written

# Closes a waiting interrupt with its answer and wakes the execution, whose row is locked; no row when
# the interrupt does not wait or its time is over. With `undo_seconds` the answer takes effect later. A
# failed execution keeps the answer and sleeps until it is retried. All by primary key.
ANSWER = """
WITH closed AS (
    UPDATE flows_interrupt SET status = %(status)s, closed_at = now()
    WHERE id = %(interrupt)s AND status = 'waiting'
        AND (expires_at IS NULL OR expires_at > now() OR %(status)s = 'expired')
    RETURNING id, execution_id, digest,
        CASE WHEN %(undo_seconds)s > 0 THEN now() + %(undo_seconds)s * interval '1 second' END AS effective_at
), response AS (
    INSERT INTO flows_response
        (interrupt_id, execution_id, value, by_id, door, request_id, digest, effective_at)
    SELECT id, execution_id, %(value)s::json, %(by)s, %(door)s, %(request_id)s, digest, effective_at
    FROM closed
    RETURNING id, effective_at
), event AS (
    INSERT INTO flows_event (execution_id, interrupt_id, kind, actor_id, door, address, detail)
    SELECT execution_id, id, 'interrupt.' || %(status)s, %(by)s, %(door)s, %(address)s, %(detail)s::json
    FROM closed
), message AS (
    INSERT INTO flows_message (execution_id, kind, body, due_at)
    SELECT execution_id, 'answer', %(message)s::json, effective_at FROM closed
), woken AS (
    UPDATE flows_execution e
    SET message_seq = e.message_seq + 1,
        wake_at = CASE WHEN e.status = 'failed' THEN e.wake_at
            WHEN closed.effective_at IS NULL THEN now() ELSE least(e.wake_at, closed.effective_at) END
    FROM closed WHERE e.id = closed.execution_id
)
SELECT id, effective_at FROM response
"""

# Takes back an answer that is not in effect yet: the interrupt waits again; no row when it is too late.
# The execution's row is locked. By index message_of_execution and primary keys.
UNDO = """
WITH message AS (
    DELETE FROM flows_message m USING flows_interrupt q
    WHERE q.id = %(interrupt)s AND m.execution_id = q.execution_id AND m.kind = 'answer'
        AND m.body ->> 'key' = q.key AND m.due_at > clock_timestamp()
    RETURNING q.id, m.execution_id
), response AS (
    DELETE FROM flows_response r USING message WHERE r.interrupt_id = message.id RETURNING r.value
), reopened AS (
    UPDATE flows_interrupt q SET status = 'waiting', closed_at = NULL FROM message WHERE q.id = message.id
), seen AS (
    UPDATE flows_execution e SET message_seq = e.message_seq + 1
    FROM message WHERE e.id = message.execution_id
)
INSERT INTO flows_event (execution_id, interrupt_id, kind, actor_id, door, address, detail)
SELECT execution_id, id, 'interrupt.undone', %(by)s, %(door)s, '',
    json_build_object('value', (SELECT value FROM response))
FROM message
"""

# Closes a waiting interrupt whose time is over, its execution's row being locked; with `fails` the
# execution is told; no row when the interrupt does not wait or it is too early. By primary key.
EXPIRE = """
WITH closed AS (
    UPDATE flows_interrupt SET status = 'expired', closed_at = now()
    WHERE id = %(interrupt)s AND status = 'waiting' AND expires_at <= now()
    RETURNING id, execution_id, key
), message AS (
    INSERT INTO flows_message (execution_id, kind, body)
    SELECT execution_id, 'expire', json_build_object('key', key) FROM closed WHERE %(fails)s
), woken AS (
    UPDATE flows_execution e SET message_seq = e.message_seq + 1, wake_at = now()
    FROM closed WHERE e.id = closed.execution_id AND %(fails)s
)
INSERT INTO flows_event (execution_id, interrupt_id, kind, door, address, detail)
SELECT execution_id, id, 'interrupt.expired', 'timer', '', NULL FROM closed
"""

# Keeps an answer for an interrupt that is still to come; no row when the execution has ended. By primary key.
KEEP_EARLY = """
WITH sent AS (
    UPDATE flows_execution SET message_seq = message_seq + 1
    WHERE id = %(id)s AND status NOT IN ('completed', 'cancelled')
    RETURNING id
)
INSERT INTO flows_message (execution_id, kind, body) SELECT id, 'early', %(body)s::json FROM sent
"""

# The oldest answer that came before the interrupt of this key, removed. By index message_of_execution.
TAKE_EARLY = """
DELETE FROM flows_message WHERE id = (
    SELECT id FROM flows_message
    WHERE execution_id = %(id)s AND kind = 'early' AND body ->> 'key' = %(key)s ORDER BY id LIMIT 1
) RETURNING body
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer on its way in. `value` is tagged JSON; `message` is what the worker applies: {"key",
    "value", "response", "event", "frame"}; `status` is what becomes of the interrupt."""

    interrupt_id: UUID
    value: Any
    message: dict[str, Any]
    request_id: str | None = None
    undo_seconds: float = 0.0
    status: str = "answered"


def answer(answer: Answer, origin: Origin) -> tuple[int, datetime | None] | None:
    """Write the one answer of a waiting interrupt and wake its execution.

    The response's id and when it takes effect (None: now); None, and nothing written, when the
    interrupt does not wait.
    """
    parameters = {
        "interrupt": answer.interrupt_id,
        "status": answer.status,
        "value": dump_json(answer.value),
        "request_id": answer.request_id,
        "undo_seconds": answer.undo_seconds,
        "message": dump_json(answer.message),
        "detail": dump_json({"value": answer.value}),
    }
    row: tuple[int, datetime | None] | None = first(ANSWER, parameters | by(origin))
    return row


def undo(*, interrupt_id: UUID, origin: Origin) -> bool:
    """Take back an answer that is not in effect yet; False when there is none."""
    return written(UNDO, {"interrupt": interrupt_id} | by(origin))


def expire(*, interrupt_id: UUID, fails: bool) -> bool:
    """Close an interrupt whose time is over, without an answer; False when it does not wait, or waits on."""
    return written(EXPIRE, {"interrupt": interrupt_id, "fails": fails})


def keep_early(*, id: UUID, body: dict[str, Any]) -> bool:
    """Keep an answer until its interrupt opens; False when the execution has ended."""
    return written(KEEP_EARLY, {"id": id, "body": dump_json(body)})


def take_early(*, id: UUID, key: str) -> dict[str, Any] | None:
    """The oldest answer kept for the interrupt of this key, which is kept no longer; None without one."""
    row = first(TAKE_EARLY, {"id": id, "key": key})
    return None if row is None else row[0]
