"""Approvals that are counted, each change in one statement, inside the caller's transaction.

The execution's row is locked by the caller.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flows.engine import dump_json
from flows.store import crash
from flows.store.doors import Origin, by, first, written

# Writes a vote in the interrupt's present stage; no row when the person has voted in it, the interrupt does
# not wait, or its time is over. With `undo_seconds` a message makes the execution due when it counts. By
# primary key, and vote_once.
CAST = """
WITH cast_ AS (
    INSERT INTO flows_vote
        (interrupt_id, execution_id, stage, value, by_id, door, request_id, digest, effective_at, created_at)
    SELECT q.id, q.execution_id, q.stage, %(value)s::json, %(by)s::bigint, %(door)s, %(request_id)s, q.digest,
        CASE WHEN %(undo_seconds)s > 0 THEN now() + %(undo_seconds)s * interval '1 second' END, now()
    FROM flows_interrupt q
    WHERE q.id = ANY(ARRAY[%(interrupt)s::uuid]) AND q.status = 'waiting'
        AND (q.expires_at IS NULL OR q.expires_at > now())
    ON CONFLICT (interrupt_id, stage, by_id) DO NOTHING
    RETURNING id, interrupt_id, execution_id, stage, effective_at
), event AS (
    INSERT INTO flows_event (execution_id, interrupt_id, kind, actor_id, door, address, detail)
    SELECT execution_id, interrupt_id, 'interrupt.voted', %(by)s::bigint, %(door)s, %(address)s,
        json_build_object('stage', stage, 'value', %(value)s::json)
    FROM cast_
), message AS (
    INSERT INTO flows_message (execution_id, kind, body, due_at)
    SELECT c.execution_id, 'tally', json_build_object('key', q.key), c.effective_at
    FROM cast_ c JOIN flows_interrupt q ON q.id = c.interrupt_id WHERE c.effective_at IS NOT NULL
), woken AS (
    UPDATE flows_execution e
    SET message_seq = e.message_seq + 1, wake_at = least(e.wake_at, c.effective_at)
    FROM cast_ c WHERE e.id = c.execution_id AND c.effective_at IS NOT NULL
)
SELECT id, effective_at, now() FROM cast_
"""

# Takes back a vote that does not count yet; no row when it is too late. By vote_once.
WITHDRAW = """
WITH gone AS (
    DELETE FROM flows_vote v USING flows_interrupt q
    WHERE q.id = %(interrupt)s AND v.interrupt_id = q.id AND v.by_id = %(by)s AND v.stage = q.stage
        AND v.effective_at > clock_timestamp() AND q.status IN ('waiting', 'suspended')
    RETURNING q.id, q.execution_id, q.key, v.stage, v.value, v.effective_at
), message AS (
    DELETE FROM flows_message m USING gone
    WHERE m.execution_id = gone.execution_id AND m.kind = 'tally' AND m.body ->> 'key' = gone.key
        AND m.due_at = gone.effective_at
)
INSERT INTO flows_event (execution_id, interrupt_id, kind, actor_id, door, address, detail)
SELECT execution_id, id, 'interrupt.unvoted', %(by)s::bigint, %(door)s, '',
    json_build_object('stage', stage, 'value', value)
FROM gone
"""

# Asks the people of the next stage; no row when it is not at `stage` any more. By primary key.
ADVANCE = """
WITH advanced AS (
    UPDATE flows_interrupt SET stage = stage + 1, audience = %(audience)s
    WHERE id = %(interrupt)s AND stage = %(stage)s AND status = 'waiting'
    RETURNING id, execution_id, stage
)
INSERT INTO flows_event (execution_id, interrupt_id, kind, door, address, detail)
SELECT execution_id, id, 'interrupt.advanced', '', '', json_build_object('stage', stage) FROM advanced
"""

# Removes the messages that say that the votes on an interrupt are to be counted now. By message_of_execution.
TAKE = """
DELETE FROM flows_message
WHERE execution_id = %(execution)s AND kind = 'tally' AND body ->> 'key' = %(key)s AND due_at <= now()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """A vote on its way in. `value` is tagged JSON."""

    interrupt_id: UUID
    value: Any
    request_id: str | None
    undo_seconds: float


@dataclass(frozen=True, slots=True)
class Written:
    """The id of a vote, when it counts (None: at once) and when it was given."""

    id: int
    effective_at: datetime | None
    at: datetime


def cast(vote: Cast, origin: Origin) -> Written | None:
    """Write a vote; None, and nothing written, when there is one of this person or it came too late."""
    parameters = {
        "interrupt": vote.interrupt_id,
        "value": dump_json(vote.value),
        "request_id": vote.request_id,
        "undo_seconds": vote.undo_seconds,
    }
    crash.point("vote.before")
    row = first(CAST, parameters | by(origin))
    crash.point("vote.written")
    return None if row is None else Written(*row)


def withdraw(*, interrupt_id: UUID, origin: Origin) -> bool:
    """Take back a vote that does not count yet; False when there is none."""
    return written(WITHDRAW, {"interrupt": interrupt_id} | by(origin))


def advance(*, interrupt_id: UUID, stage: int, audience: list[str]) -> bool:
    """Go from this stage to the next; False when it was not in it."""
    crash.point("advance.before")
    done = written(ADVANCE, {"interrupt": interrupt_id, "stage": stage, "audience": audience})
    crash.point("advance.written")
    return done


def take(*, execution_id: UUID, key: str) -> bool:
    """Remove the messages that ask for a count; whether there were any that are due."""
    return written(TAKE, {"execution": execution_id, "key": key})
