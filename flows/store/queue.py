"""Which worker runs which execution: claims, leases, messages. Time is PostgreSQL's clock.

Each statement is a transaction of its own, so now() is the time of the statement.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flows.store import crash
from flows.store.connection import prepared

# Leases what is due and held by nobody, fairly: each flow with due work gets an equal share of `limit`,
# those first of which the claimer holds least, then those whose turn was longest ago; the longest waiting
# first within a flow. Index execution_due_by_flow serves all of it: `lane` leaps from one (queue, flow) to
# the next, `due` looks at the first entries of each (LATERAL with LIMIT, so that it cannot become a join of
# all), `chosen` reads no more entries than it locks, besides those that are held. With 1,000,000 rows, of
# them 100,000 due in one flow and 800,000 with a timer in the future in 20 others, that is 22 leaps and 0.8
# ms (EXPLAIN ANALYZE: index scans only, 270 buffers), whether the table was analysed or not. `wake_at`
# stays: when the worker dies and its lease runs out, the row is due again.
# Of those `apart` at most one is taken, the one that has waited longest; with `barred` none, and they hide no
# other. What is chosen and not taken was locked for the length of the statement, no more.
# The messages come along, and how many there ever were, both as the statement began: the row itself may have
# got one more since. The commit does not wait for the disk: a claim that is lost with the server is due
# again, and what was done under it has to name an owner that the row no longer has.
CLAIM = """
WITH RECURSIVE lane(queue, flow) AS (
    (SELECT queue, flow FROM flows_execution WHERE wake_at IS NOT NULL ORDER BY queue, flow LIMIT 1)
    UNION ALL
    SELECT following.queue, following.flow FROM lane, LATERAL (
        SELECT e.queue, e.flow FROM flows_execution e
        WHERE e.wake_at IS NOT NULL AND (e.queue, e.flow) > (lane.queue, lane.flow)
        ORDER BY e.queue, e.flow LIMIT 1
    ) AS following
), due AS MATERIALIZED (
    SELECT lane.queue, lane.flow, coalesce(l.held, 0) AS held, coalesce(l.turn, 0) AS turn
    FROM lane
    CROSS JOIN LATERAL (
        SELECT FROM flows_execution e
        WHERE e.queue = lane.queue AND e.flow = lane.flow AND e.wake_at <= now()
            AND (e.lease_until IS NULL OR e.lease_until <= now())
            AND NOT (%(barred)s AND e.claims = ANY(%(apart)s::int[]))
        ORDER BY e.wake_at LIMIT 1
    ) AS first
    LEFT JOIN unnest(%(load_queue)s::text[], %(load_flow)s::text[], %(load_held)s::int[],
        %(load_turn)s::int[]) AS l(queue, flow, held, turn) ON l.queue = lane.queue AND l.flow = lane.flow
    WHERE %(queues)s::text[] IS NULL OR lane.queue = ANY(%(queues)s::text[])
    ORDER BY held, turn, random()
), share(size) AS (
    SELECT ceil(%(limit)s::float8 / greatest(count(*), 1))::int FROM due
), chosen AS (
    SELECT mine.id, mine.wake_at, mine.claims = ANY(%(apart)s::int[]) AS apart FROM due, LATERAL (
        SELECT e.id, e.wake_at, e.claims FROM flows_execution e
        WHERE e.queue = due.queue AND e.flow = due.flow AND e.wake_at <= now()
            AND NOT (%(barred)s AND e.claims = ANY(%(apart)s::int[]))
            AND (e.lease_until IS NULL OR e.lease_until <= now())
        ORDER BY e.wake_at LIMIT (SELECT size FROM share)
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS mine
    LIMIT %(limit)s
), taken AS (
    (SELECT id FROM chosen WHERE apart ORDER BY wake_at LIMIT 1)
    UNION ALL SELECT id FROM chosen WHERE NOT apart
)
UPDATE flows_execution e
SET epoch = e.epoch + 1, claims = e.claims + 1, lease_owner = %(owner)s,
    lease_until = now() + %(lease_seconds)s * interval '1 second'
WHERE e.id = ANY(ARRAY(SELECT id FROM taken))
RETURNING e.id, e.queue, e.flow, e.status, e.requester_id, CASE WHEN e.snapshot IS NULL THEN e.input END,
    e.snapshot, e.epoch, e.claims, e.message_seq, (SELECT size FROM share),
    (SELECT before.message_seq FROM flows_execution before WHERE before.id = ANY(ARRAY[e.id])),
    CASE WHEN e.message_seq > 0 THEN (
        SELECT json_agg(json_build_array(m.id, m.kind, m.body,
            CASE WHEN m.due_at > now() THEN extract(epoch FROM m.due_at)::float8 END) ORDER BY m.id)
        FROM flows_message m WHERE m.execution_id = ANY(ARRAY[e.id])
    ) END, set_config('synchronous_commit', 'off', true)
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

# Prolongs the leases of one owner; rows are locked in the order of their ids, as everywhere. A row that
# somebody else has locked is left for the next time and makes no other one wait. By primary key.
RENEW = """
WITH held AS (
    SELECT id FROM flows_execution
    WHERE id = ANY(%(ids)s::uuid[]) AND lease_owner = %(owner)s ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
), renewed AS (
    UPDATE flows_execution e SET lease_until = now() + %(lease_seconds)s * interval '1 second'
    FROM held WHERE e.id = held.id
)
SELECT id FROM flows_execution WHERE id = ANY(%(ids)s::uuid[]) AND lease_owner = %(owner)s
"""

# Hands executions back unfinished: due at once, and not counted as a claim without progress. By primary key.
RELEASE = """
WITH held AS (
    SELECT id FROM flows_execution
    WHERE id = ANY(%(ids)s::uuid[]) AND lease_owner = %(owner)s ORDER BY id FOR NO KEY UPDATE
)
UPDATE flows_execution e
SET lease_owner = NULL, lease_until = NULL, wake_at = now(), claims = greatest(e.claims - 1, 0)
FROM held WHERE e.id = held.id
RETURNING e.id
"""

# Hands back what a claim has leased to its owner when the answer was lost on the way. Looks through all
# that is due: what is claimed stays due.
RELEASE_STRAYS = """
WITH stray AS (
    SELECT id FROM flows_execution
    WHERE wake_at <= now() AND lease_owner = %(owner)s AND NOT id = ANY(%(kept)s::uuid[])
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE flows_execution e SET lease_owner = NULL, lease_until = NULL, claims = greatest(e.claims - 1, 0)
FROM stray WHERE e.id = stray.id
RETURNING e.id
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """An execution that is ours until the lease ends or somebody else's epoch begins.

    `input` is None once there is a `snapshot` (JSON text). `claims` counts claims since the last progress,
    this one included; `message_seq` all messages ever sent, of which `mail` may not have the last;
    `share` how many of its flow this claim would have taken: there may be more of a flow that gave so many.
    """

    id: UUID
    queue: str
    flow: str
    status: str
    requester_id: Any
    input: Any
    snapshot: str | None
    epoch: int
    claims: int
    message_seq: int
    share: int
    mail: "Mail"


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


@dataclass(frozen=True, slots=True)
class Claimer:
    """Who claims: `owner` for `lease_seconds`, from these `queues` (None: from all)."""

    owner: str
    lease_seconds: float
    queues: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """How many executions of a flow in a queue a claimer holds, and at which of its turns it last claimed
    one."""

    queue: str
    flow: str
    held: int
    turn: int


@dataclass(frozen=True, slots=True)
class Apart:
    """Those claimed so often without progress (`counts`) are claimed one at a time; not now when `barred`."""

    counts: Sequence[int] = ()
    barred: bool = False


NOBODY = Apart()


def claim(claimer: Claimer, *, limit: int, loads: Sequence[Load] = (), apart: Apart = NOBODY) -> list[Claim]:
    """Lease at most `limit` runnable executions, shared out fairly among flows (see CLAIM); [] when none.

    `loads` are what the claimer knows of its flows; those that it leaves out it has never claimed.
    """
    parameters: dict[str, Any] = {
        "limit": limit,
        "owner": claimer.owner,
        "lease_seconds": claimer.lease_seconds,
        "queues": None if claimer.queues is None else list(claimer.queues),
        "apart": list(apart.counts),
        "barred": apart.barred,
    }
    for name in ("queue", "flow", "held", "turn"):
        parameters[f"load_{name}"] = [getattr(load, name) for load in loads]
    crash.point("claim.before")
    with prepared() as cursor:
        cursor.execute(CLAIM, parameters)
        claims = [_claim(row) for row in cursor.fetchall()]
    crash.point("claim.after")
    return claims


def _claim(row: tuple[Any, ...]) -> Claim:
    *columns, seen, messages, _ = row
    mail = Mail(seen, [Message(*message) for message in messages or ()])
    return Claim(*[*columns, mail])


def messages(ids: Iterable[UUID]) -> dict[UUID, Mail]:
    """What waits to be applied, for each of these executions that exists."""
    found: dict[UUID, Mail] = {}
    crash.point("read.before")
    with prepared() as cursor:
        cursor.execute(MESSAGES, {"ids": list(ids)})
        for execution_id, seq, message_id, kind, body, due_at in cursor.fetchall():
            mail = found.setdefault(execution_id, Mail(seq, []))
            if message_id is not None:
                mail.messages.append(Message(message_id, kind, body, due_at and float(due_at)))
    crash.point("read.after")
    return found


def now() -> float:
    """The time, in seconds since 1970."""
    with prepared() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        (instant,) = cursor.fetchone()
        return float(instant)


def renew(*, ids: Sequence[UUID], owner: str, lease_seconds: float) -> set[UUID]:
    """Prolong the leases of `owner`; the ids of those that it still has."""
    crash.point("renew.before")
    kept = _ids(RENEW, {"ids": list(ids), "owner": owner, "lease_seconds": lease_seconds})
    crash.point("renew.after")
    return kept


def release(*, ids: Sequence[UUID], owner: str) -> set[UUID]:
    """Let others go on with executions that `owner` still has; their ids."""
    crash.point("release.before")
    released = _ids(RELEASE, {"ids": list(ids), "owner": owner})
    crash.point("release.after")
    return released


def release_strays(*, kept: Sequence[UUID], owner: str) -> set[UUID]:
    """Let others go on with whatever `owner` has leased besides `kept`; its ids."""
    return _ids(RELEASE_STRAYS, {"kept": list(kept), "owner": owner})


def _ids(query: str, parameters: dict[str, Any]) -> set[UUID]:
    with prepared() as cursor:
        cursor.execute(query, parameters)
        return {row[0] for row in cursor.fetchall()}
