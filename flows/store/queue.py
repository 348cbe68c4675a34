"""Which worker runs which execution: claims, leases, messages. Time is PostgreSQL's clock.

Each statement is a transaction of its own, so now() is the time of the statement.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flows.store.connection import prepared

# Leases what is due and held by nobody, longest waiting first. Index execution_due. `wake_at` stays:
# when the worker dies and its lease runs out, the row is due again.
CLAIM = """
WITH due AS (
    SELECT id FROM flows_execution
    WHERE wake_at <= now() AND (lease_until IS NULL OR lease_until <= now())
    ORDER BY wake_at LIMIT %(limit)s
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE flows_execution e
SET epoch = e.epoch + 1, claims = e.claims + 1, lease_owner = %(owner)s,
    lease_until = now() + %(lease_seconds)s * interval '1 second'
WHERE e.id = ANY(ARRAY(SELECT id FROM due))
RETURNING e.id, e.flow, e.status, e.requester_id, CASE WHEN e.snapshot IS NULL THEN e.input END,
    e.snapshot, e.epoch, e.claims, e.message_seq
"""

# The messages of some executions together with the count of all ever sent, from one snapshot, so that
# whoever has applied them knows what it has seen. By primary key, and index message_of_execution.
MESSAGES = """
SELECT e.id, e.message_seq, m.id, m.kind, m.body,
    CASE WHEN m.due_at > now() THEN extract(epoch FROM m.due_at) END
FROM flows_execution e
LEFT JOIN flows_message m ON m.execution_id = e.id AND m.execution_id = ANY(%(ids)b::uuid[])
WHERE e.id = ANY(%(ids)b::uuid[]) ORDER BY m.id
"""

# Prolongs the leases of one owner; rows are locked in the order of their ids, as everywhere. By primary key.
RENEW = """
WITH held AS (
    SELECT id FROM flows_execution
    WHERE id = ANY(%(ids)s::uuid[]) AND lease_owner = %(owner)s ORDER BY id FOR NO KEY UPDATE
)
UPDATE flows_execution e SET lease_until = now() + %(lease_seconds)s * interval '1 second'
FROM held WHERE e.id = held.id
RETURNING e.id
"""

# Hands executions back unfinished: due at once or a little later, and not counted as a claim without
# progress. By primary key.
RELEASE = """
WITH held AS (
    SELECT id FROM flows_execution
    WHERE id = ANY(%(ids)s::uuid[]) AND lease_owner = %(owner)s ORDER BY id FOR NO KEY UPDATE
)
UPDATE flows_execution e
SET lease_owner = NULL, lease_until = NULL, wake_at = now() + %(delay_seconds)s * interval '1 second',
    claims = greatest(e.claims - 1, 0)
FROM held WHERE e.id = held.id
RETURNING e.id
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """An execution that is ours until the lease ends or somebody else's epoch begins.

    `input` is None once there is a `snapshot` (JSON text). `claims` counts claims since the last progress,
    this one included; `message_seq` all messages ever sent.
    """

    id: UUID
    flow: str
    status: str
    requester_id: Any
    input: Any
    snapshot: str | None
    epoch: int
    claims: int
    message_seq: int


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to apply: `kind` is a MessageKind, `body` tagged JSON; `due_at` an instant in seconds since
    1970, None when it has come."""

    id: int
    kind: str
    body: Any
    due_at: float | None


@dataclass(frozen=True, slots=True)
class Mail:
    """All messages of an execution that are not applied, oldest first, as of `message_seq`."""

    message_seq: int
    messages: list[Message]


def claim(*, limit: int, owner: str, lease_seconds: float) -> list[Claim]:
    """Lease at most `limit` runnable executions to `owner`, longest waiting first; [] when none."""
    parameters: dict[str, Any] = {"limit": limit, "owner": owner, "lease_seconds": lease_seconds}
    with prepared() as cursor:
        cursor.execute(CLAIM, parameters)
        return [Claim(*row) for row in cursor.fetchall()]


def messages(ids: Iterable[UUID]) -> dict[UUID, Mail]:
    """What waits to be applied, for each of these executions that exists."""
    found: dict[UUID, Mail] = {}
    with prepared() as cursor:
        cursor.execute(MESSAGES, {"ids": list(ids)})
        for execution_id, seq, message_id, kind, body, due_at in cursor.fetchall():
            mail = found.setdefault(execution_id, Mail(seq, []))
            if message_id is not None:
                mail.messages.append(Message(message_id, kind, body, due_at and float(due_at)))
    return found


def now() -> float:
    """The time, in seconds since 1970."""
    with prepared() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        (instant,) = cursor.fetchone()
        return float(instant)


def renew(*, ids: Sequence[UUID], owner: str, lease_seconds: float) -> set[UUID]:
    """Prolong the leases of `owner`; the ids of those that it still has."""
    return _ids(RENEW, {"ids": list(ids), "owner": owner, "lease_seconds": lease_seconds})


def release(*, ids: Sequence[UUID], owner: str, delay_seconds: float = 0.0) -> set[UUID]:
    """Let others go on with executions that `owner` still has, after `delay_seconds`; their ids."""
    return _ids(RELEASE, {"ids": list(ids), "owner": owner, "delay_seconds": delay_seconds})


def _ids(query: str, parameters: dict[str, Any]) -> set[UUID]:
    with prepared() as cursor:
        cursor.execute(query, parameters)
        return {row[0] for row in cursor.fetchall()}
