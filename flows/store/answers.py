"""What services do to interrupts and answers, each in one statement, inside the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flows.engine import dump_json
from flows.store import crash
from flows.store.doors import Origin, by, first, written

# Locks the execution's row, closes its waiting interrupt with the answer and wakes it; no row when the
# interrupt does not wait or its time is over. With `undo_seconds` the answer takes effect later. A failed
# execution keeps the answer and sleeps until it is retried. `at` is as datetime.isoformat() writes it. All
# by primary key.
ANSWER = """
WITH locked AS (
    SELECT id FROM flows_execution WHERE id = %(execution)s FOR NO KEY UPDATE
), closed AS (
    UPDATE flows_interrupt q SET status = %(status)s, closed_at = now() FROM locked
    WHERE q.id = %(interrupt)s AND q.execution_id = locked.id AND q.status = 'waiting'
        AND (q.expires_at IS NULL OR q.expires_at > now() OR %(status)s = 'expired')
    RETURNING q.id, q.execution_id, q.key, q.digest, q.resume_event, q.frame,
        CASE WHEN %(undo_seconds)s > 0 THEN now() + %(undo_seconds)s * interval '1 second' END AS effective_at
), response AS (
    INSERT INTO flows_response
        (interrupt_id, execution_id, value, by_id, door, request_id, digest, effective_at, created_at)
    SELECT id, execution_id, %(value)s::json, %(by)s::bigint, %(door)s, %(request_id)s, digest, effective_at,
        now()
    FROM closed
    RETURNING id, effective_at
), event AS (
    INSERT INTO flows_event (execution_id, interrupt_id, kind, actor_id, door, address, detail)
    SELECT execution_id, id, 'interrupt.' || %(status)s, %(by)s::bigint, %(door)s, %(address)s,
        json_build_object('value', %(value)s::json)
    FROM closed
), message AS (
    INSERT INTO flows_message (execution_id, kind, body, due_at)
    SELECT execution_id, 'answer', json_build_object(
        'key', key, 'value', %(value)s::json, 'event', resume_event, 'frame', frame,
        'response', json_build_object('by', %(username)s::text, 'name', %(name)s::text, 'door', %(door)s,
            'at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
            'votes', %(votes)s::json)), effective_at
    FROM closed
), woken AS (
    UPDATE flows_execution e
    SET message_seq = e.message_seq + 1,
        wake_at = CASE WHEN e.status = 'failed' THEN e.wake_at
            WHEN closed.effective_at IS NULL THEN now() ELSE least(e.wake_at, closed.effective_at) END
    FROM closed WHERE e.id = closed.execution_id
)
SELECT id, effective_at, now() FROM response
"""

# Takes back an answer that is not in effect yet: the interrupt waits again, or is on hold when its execution
# has failed meanwhile; no row when it is too late. The execution's row is locked. By index
# message_of_execution and primary keys.
UNDO = """
WITH message AS (
    DELETE FROM flows_message m USING flows_interrupt q
    WHERE q.id = %(interrupt)s AND m.execution_id = q.execution_id AND m.kind = 'answer'
        AND m.body ->> 'key' = q.key AND m.due_at > clock_timestamp()
    RETURNING q.id, m.execution_id
), response AS (
    DELETE FROM flows_response r USING message WHERE r.interrupt_id = message.id RETURNING r.value
), reopened AS (
    UPDATE flows_interrupt q
    SET status = CASE WHEN e.status = 'failed' THEN 'suspended' ELSE 'waiting' END, closed_at = NULL
    FROM message JOIN flows_execution e ON e.id = message.execution_id WHERE q.id = message.id
), seen AS (
    UPDATE flows_execution e SET message_seq = e.message_seq + 1
    FROM message WHERE e.id = message.execution_id
)
INSERT INTO flows_event (execution_id, interrupt_id, kind, actor_id, door, address, detail)
SELECT execution_id, id, 'interrupt.undone', %(by)s::bigint, %(door)s, '',
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
    """An answer on its way in. `value` is tagged JSON; `username` and `name` are what the flow is told of
    who gave it; `status` is what becomes of the interrupt; `votes` are all approvals, where it took
    several."""

    execution_id: UUID
    interrupt_id: UUID
    value: Any
    username: str | None = None
    name: str | None = None
    request_id: str | None = None
    undo_seconds: float = 0.0
    status: str = "answered"
    votes: Any = None


@dataclass(frozen=True, slots=True)
class Written:
    """The id of a response, when it takes effect (None: at once) and when it was given."""

    id: int
    effective_at: datetime | None
    at: datetime


def answer(answer: Answer, origin: Origin) -> Written | None:
    """Write the one answer of a waiting interrupt and wake its execution.

    None, and nothing written, when the interrupt does not wait. The worker is told {"key", "value",
    "event", "frame", "response": {"by", "name", "door", "at", "votes"}}.
    """
    parameters = {
        "execution": answer.execution_id,
        "interrupt": answer.interrupt_id,
        "status": answer.status,
        "value": dump_json(answer.value),
        "request_id": answer.request_id,
        "undo_seconds": answer.undo_seconds,
        "username": answer.username,
        "name": answer.name,
        "votes": None if answer.votes is None else dump_json(answer.votes),
    }
    crash.point("answer.before")
    row = first(ANSWER, parameters | by(origin))
    crash.point("answer.written")
    return None if row is None else Written(*row)


def undo(*, interrupt_id: UUID, origin: Origin) -> bool:
    """Take back an answer that is not in effect yet; False when there is none."""
    crash.point("undo.before")
    undone = written(UNDO, {"interrupt": interrupt_id} | by(origin))
    crash.point("undo.written")
    return undone


def expire(*, interrupt_id: UUID, fails: bool) -> bool:
    """Close an interrupt whose time is over, without an answer; False when it does not wait, or waits on."""
    crash.point("expire.before")
    expired = written(EXPIRE, {"interrupt": interrupt_id, "fails": fails})
    crash.point("expire.written")
    return expired


def keep_early(*, id: UUID, body: dict[str, Any]) -> bool:
    """Keep an answer until its interrupt opens; False when the execution has ended."""
    crash.point("early.before")
    kept = written(KEEP_EARLY, {"id": id, "body": dump_json(body)})
    crash.point("early.kept")
    return kept


def take_early(*, id: UUID, key: str) -> dict[str, Any] | None:
    """The oldest answer kept for the interrupt of this key, which is kept no longer; None without one."""
    row = first(TAKE_EARLY, {"id": id, "key": key})
    crash.point("early.taken")
    return None if row is None else row[0]
