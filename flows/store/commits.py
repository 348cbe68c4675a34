"""What became of executions that a worker holds, for a whole batch in one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID

from django.db import transaction

from flows.engine import dump_json
from flows.store import crash
from flows.store.connection import prepared
from flows.store.runs import Run, add

# Each execution is guarded by its own epoch and owner: what somebody else has taken over is left out of
# `held`, and with it everything that hangs on it. Rows are locked in the order of their ids. A held
# commit moves the epoch on, so that a repeated one is refused. Parks (wake_at null) only if no message
# came meanwhile: message_seq is compared on the row itself, because the statement's snapshot does not
# show a message whose transaction it waited for. All by primary key; `closed` by
# interrupt_key_waits_once, and before `opened`, so that a key may be asked again. `restored` are those of an
# execution that was retried while this worker still committed its failure. Arrays go as %b, in
# PostgreSQL's binary form: psycopg would quote long texts in an array character by character. Every join
# with a table also names the keys as an array: then it is read by its index, however the plan was made.
COMMIT = """
WITH input AS (
    SELECT * FROM unnest(
        %(id)b::uuid[], %(epoch)b::int[], %(message_seq)b::int[], %(status)b::text[], %(snapshot)b::text[],
        %(result)b::text[], %(error)b::text[], %(claims)b::int[], %(hold)b::bool[], %(wake)b::bool[],
        %(wake_at)b::float8[], %(queue)b::text[]
    ) AS i(id, epoch, message_seq, status, snapshot, result, error, claims, hold, wake, wake_at, queue)
), held AS (
    SELECT e.id, e.status = 'failed' AND i.status <> 'failed' AS recovered
    FROM flows_execution e JOIN input i ON i.id = e.id AND i.epoch = e.epoch
    WHERE e.id = ANY(%(id)b::uuid[]) AND e.lease_owner = %(owner)s ORDER BY e.id FOR NO KEY UPDATE OF e
), done AS (
    UPDATE flows_execution e SET
        epoch = e.epoch + 1,
        status = i.status,
        snapshot = coalesce(i.snapshot, e.snapshot),
        result = coalesce(i.result::json, e.result),
        error = CASE WHEN i.status = 'failed' THEN coalesce(i.error::json, e.error) END,
        claims = i.claims,
        queue = coalesce(i.queue, e.queue),
        lease_owner = CASE WHEN i.hold THEN e.lease_owner END,
        lease_until = CASE WHEN i.hold THEN e.lease_until END,
        wake_at = CASE WHEN i.hold THEN e.wake_at
            WHEN i.wake OR e.message_seq <> i.message_seq THEN now() ELSE to_timestamp(i.wake_at) END,
        finished_at = CASE WHEN i.status IN ('completed', 'cancelled') THEN now() END,
        updated_at = now()
    FROM input i JOIN held h ON h.id = i.id
    WHERE e.id = h.id AND e.id = ANY(%(id)b::uuid[])
    RETURNING e.id, e.epoch, e.message_seq, i.hold AS held,
        NOT i.hold AND coalesce(e.wake_at <= now(), false) AS due
), closed AS (
    UPDATE flows_interrupt q SET status = 'cancelled', closed_at = now(), closed_reason = c.reason
    FROM unnest(%(closed_of)b::uuid[], %(closed_key)b::text[], %(closed_reason)b::text[])
        AS c(of, key, reason)
    JOIN done d ON d.id = c.of
    WHERE q.execution_id = ANY(%(closed_of)b::uuid[]) AND q.execution_id = c.of AND q.key = c.key
        AND q.status IN ('waiting', 'suspended')
    RETURNING q.id, q.execution_id, q.audience, q.closed_reason
), suspended AS (
    UPDATE flows_interrupt q SET status = 'suspended'
    WHERE q.status = 'waiting'
        AND q.execution_id = ANY(ARRAY(SELECT d.id FROM done d JOIN input i ON i.id = d.id
            WHERE i.status = 'failed'))
        AND NOT EXISTS (
        SELECT FROM unnest(%(closed_of)b::uuid[], %(closed_key)b::text[]) AS c(of, key)
        WHERE c.of = q.execution_id AND c.key = q.key)
    RETURNING q.id, q.execution_id, q.audience
), restored AS (
    UPDATE flows_interrupt q SET status = 'waiting'
    WHERE q.status = 'suspended'
        AND q.execution_id = ANY(ARRAY(SELECT d.id FROM done d JOIN held h ON h.id = d.id WHERE h.recovered))
        AND NOT EXISTS (
        SELECT FROM unnest(%(closed_of)b::uuid[], %(closed_key)b::text[]) AS c(of, key)
        WHERE c.of = q.execution_id AND c.key = q.key)
    RETURNING q.id, q.execution_id, q.audience
), opened AS (
    INSERT INTO flows_interrupt (id, execution_id, key, flow, step, type, title, payload, response_schema,
        initial, policy, audience, excluded_id, digest, priority, due_at, expires_at, on_expire, undo_seconds,
        resume_event, frame, status, closed_reason)
    SELECT o.id, o.of, o.key, o.flow, o.step, o.type, o.title, o.payload::json, o.response_schema::json,
        o.initial::json, o.policy::json, ARRAY(SELECT json_array_elements_text(o.audience::json)), o.excluded,
        o.digest, o.priority, to_timestamp(o.due_at), to_timestamp(o.expires_at), o.on_expire::json,
        o.undo_seconds, o.resume_event, o.frame,
        CASE WHEN i.status = 'failed' THEN 'suspended' ELSE 'waiting' END, ''
    FROM unnest(
        %(opened_id)b::uuid[], %(opened_of)b::uuid[], %(opened_key)b::text[], %(opened_flow)b::text[],
        %(opened_step)b::text[], %(opened_type)b::text[], %(opened_title)b::text[],
        %(opened_payload)b::text[], %(opened_response_schema)b::text[], %(opened_initial)b::text[],
        %(opened_policy)b::text[],
        %(opened_audience)b::text[], %(opened_excluded_id)b::bigint[], %(opened_digest)b::text[],
        %(opened_priority)b::int[], %(opened_due_at)b::float8[], %(opened_expires_at)b::float8[],
        %(opened_on_expire)b::text[], %(opened_undo_seconds)b::float8[], %(opened_resume_event)b::text[],
        %(opened_frame)b::int[]
    ) AS o(id, of, key, flow, step, type, title, payload, response_schema, initial, policy, audience,
        excluded, digest, priority, due_at, expires_at, on_expire, undo_seconds, resume_event, frame)
    JOIN done d ON d.id = o.of JOIN input i ON i.id = d.id
    WHERE (SELECT count(*) FROM closed) >= 0
    RETURNING id, execution_id
), applied AS (
    DELETE FROM flows_message m
    USING unnest(%(applied_id)b::bigint[], %(applied_of)b::uuid[]) AS a(id, of) JOIN done d ON d.id = a.of
    WHERE m.id = ANY(%(applied_id)b::bigint[]) AND m.id = a.id AND m.execution_id = a.of
), events AS (
    INSERT INTO flows_event (execution_id, interrupt_id, kind, door, address, detail)
    SELECT execution_id, interrupt_id, kind, '', '', detail FROM (
        SELECT 1, execution_id, id, 'interrupt.closed', json_build_object('reason', closed_reason) FROM closed
        UNION ALL SELECT 2, execution_id, id, 'interrupt.opened', NULL FROM opened
        UNION ALL SELECT 3, d.id, q.id, h.kind, h.detail::json
        FROM unnest(%(event_of)b::uuid[], %(event_kind)b::text[], %(event_detail)b::text[],
            %(event_key)b::text[]) AS h(of, kind, detail, key)
        JOIN done d ON d.id = h.of
        LEFT JOIN flows_interrupt q ON q.execution_id = ANY(%(event_of)b::uuid[])
            AND q.execution_id = h.of AND q.key = h.key AND q.status IN ('waiting', 'suspended')
        UNION ALL SELECT 4, execution_id, id, 'interrupt.suspended', NULL FROM suspended
        UNION ALL SELECT 4, execution_id, id, 'interrupt.restored', NULL FROM restored
    ) AS happened(part, execution_id, interrupt_id, kind, detail) ORDER BY part
)
SELECT id, epoch, message_seq, held, due,
    ARRAY(SELECT DISTINCT token
        FROM (SELECT execution_id, audience FROM closed
            UNION ALL SELECT execution_id, audience FROM suspended
            UNION ALL SELECT execution_id, audience FROM restored) AS moved, unnest(moved.audience) AS token
        WHERE moved.execution_id = done.id)
FROM done
"""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new interrupt's row. Values are tagged JSON, instants seconds since 1970; None where the author
    gave none."""

    id: UUID
    key: str
    flow: str
    step: str
    type: str
    title: str
    payload: Any
    response_schema: Any
    initial: Any
    policy: Any
    audience: list[str]
    excluded_id: Any
    digest: str
    priority: int = 1
    due_at: float | None = None
    expires_at: float | None = None
    on_expire: Any = None
    undo_seconds: float | None = None
    resume_event: str | None = None
    frame: int = 0


OPENED_COLUMNS = tuple(field.name for field in fields(Opened))
OPENED_JSON = frozenset({"payload", "response_schema", "initial", "policy", "audience", "on_expire"})


@dataclass(frozen=True, slots=True)
class Commit:
    """One execution's new state, valid only under `epoch`.

    `snapshot`, `result` and `error` are JSON text; None leaves the stored one. `hold` keeps the lease,
    otherwise the execution parks until the instant `wake_at` (None: until somebody wakes it), or is due
    at once with `wake` or when the row's message_seq has moved past `message_seq`. `queue` is where it is
    claimed next, None: where it was. `closed` are (key,
    reason), `applied` message ids, `events` (kind, detail, key of the interrupt or None), `runs` what
    is sent away with it.
    """

    id: UUID
    epoch: int
    message_seq: int
    status: str
    snapshot: str | None = None
    result: str | None = None
    error: str | None = None
    claims: int = 0
    hold: bool = False
    wake: bool = False
    wake_at: float | None = None
    queue: str | None = None
    opened: Sequence[Opened] = ()
    closed: Sequence[tuple[str, str]] = ()
    applied: Sequence[int] = ()
    events: Sequence[tuple[str, Any, str | None]] = ()
    runs: Sequence[Run] = ()


@dataclass(frozen=True, slots=True)
class Committed:
    """The row after its commit: the new `epoch`, the count of all messages so far, whether the lease was
    kept, whether it is due again at once, and the audience tokens of the interrupts that left the inbox or
    came back to it."""

    id: UUID
    epoch: int
    message_seq: int
    held: bool
    due: bool
    audience: list[str] = field(default_factory=list)


def commit(batch: Sequence[Commit], *, owner: str) -> dict[UUID, Committed]:
    """Write what `owner` has done, by execution id; what is missing in the answer was taken over."""
    if not any(commit.runs for commit in batch):
        return _commit(batch, owner)
    with transaction.atomic():
        done = _commit(batch, owner)
        add([(commit.id, run) for commit in batch if commit.id in done for run in commit.runs])
        return done


def _commit(batch: Sequence[Commit], owner: str) -> dict[UUID, Committed]:
    parameters: dict[str, Any] = {"owner": owner, **_executions(batch), **_opened(batch), **_rest(batch)}
    crash.point("commit.before")
    with prepared() as cursor:
        cursor.execute(COMMIT, parameters)
        committed = {row[0]: Committed(*row) for row in cursor.fetchall()}
    crash.point("commit.after")
    return committed


def _executions(batch: Sequence[Commit]) -> dict[str, list[Any]]:
    names = (
        "id",
        "epoch",
        "message_seq",
        "status",
        "snapshot",
        "result",
        "error",
        "claims",
        "hold",
        "wake",
        "wake_at",
        "queue",
    )
    return {name: [getattr(commit, name) for commit in batch] for name in names}


def _opened(batch: Sequence[Commit]) -> dict[str, list[Any]]:
    pairs = [(commit.id, opened) for commit in batch for opened in commit.opened]
    columns: dict[str, list[Any]] = {"opened_of": [execution_id for execution_id, _ in pairs]}
    for name in OPENED_COLUMNS:
        values = [getattr(opened, name) for _, opened in pairs]
        columns[f"opened_{name}"] = [_json(value) for value in values] if name in OPENED_JSON else values
    return columns


def _rest(batch: Sequence[Commit]) -> dict[str, list[Any]]:
    closed = [(commit.id, key, reason) for commit in batch for key, reason in commit.closed]
    applied = [(commit.id, message_id) for commit in batch for message_id in commit.applied]
    events = [(c.id, kind, _json(detail), key) for c in batch for kind, detail, key in c.events]
    columns: dict[str, list[Any]] = {}
    for names, rows in (
        (("closed_of", "closed_key", "closed_reason"), closed),
        (("applied_of", "applied_id"), applied),
        (("event_of", "event_kind", "event_detail", "event_key"), events),
    ):
        columns |= dict(zip(names, _columns(rows, len(names)), strict=True))
    return columns


def _columns(rows: Iterable[Sequence[Any]], count: int) -> list[list[Any]]:
    rows = list(rows)
    return [[row[index] for row in rows] for index in range(count)]


def _json(value: Any) -> str | None:
    return None if value is None else dump_json(value)
