"""What became of executions that a worker holds, for a whole batch in one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from flows.engine import dump_json

# Each execution is guarded by its own epoch and owner: what somebody else has taken over is left out of
# `held`, and with it everything that hangs on it. Rows are locked in the order of their ids. A held
# commit moves the epoch on, so that a repeated one is refused. Parks (wake_at null) only if no message
# came meanwhile: message_seq is compared on the row itself, because the statement's snapshot does not
# show a message whose transaction it waited for. All by primary key; `closed` by
# interrupt_key_waits_once, and before `opened`, so that a key may be asked again.
COMMIT = """
WITH input AS (
    SELECT * FROM unnest(
        %(id)s::uuid[], %(epoch)s::int[], %(message_seq)s::int[], %(status)s::text[], %(snapshot)s::text[],
        %(result)s::text[], %(error)s::text[], %(claims)s::int[], %(hold)s::bool[], %(wake)s::bool[]
    ) AS i(id, epoch, message_seq, status, snapshot, result, error, claims, hold, wake)
), held AS (
    SELECT e.id FROM flows_execution e JOIN input i ON i.id = e.id AND i.epoch = e.epoch
    WHERE e.lease_owner = %(owner)s ORDER BY e.id FOR NO KEY UPDATE OF e
), done AS (
    UPDATE flows_execution e SET
        epoch = e.epoch + 1,
        status = i.status,
        snapshot = coalesce(i.snapshot, e.snapshot),
        result = coalesce(i.result::json, e.result),
        error = CASE WHEN i.status = 'failed' THEN coalesce(i.error::json, e.error) END,
        claims = i.claims,
        lease_owner = CASE WHEN i.hold THEN e.lease_owner END,
        lease_until = CASE WHEN i.hold THEN e.lease_until END,
        wake_at = CASE WHEN i.hold THEN e.wake_at
            WHEN i.wake OR e.message_seq <> i.message_seq THEN now() END,
        finished_at = CASE WHEN i.status IN ('completed', 'cancelled') THEN now() END,
        updated_at = now()
    FROM input i JOIN held h ON h.id = i.id
    WHERE e.id = h.id
    RETURNING e.id, e.epoch, e.message_seq, i.hold AS held,
        NOT i.hold AND e.wake_at IS NOT NULL AS due
), closed AS (
    UPDATE flows_interrupt q SET status = 'cancelled', closed_at = now(), closed_reason = c.reason
    FROM unnest(%(closed_of)s::uuid[], %(closed_key)s::text[], %(closed_reason)s::text[])
        AS c(of, key, reason)
    JOIN done d ON d.id = c.of
    WHERE q.execution_id = c.of AND q.key = c.key AND q.status = 'waiting'
    RETURNING q.id, q.execution_id, q.audience, q.closed_reason
), opened AS (
    INSERT INTO flows_interrupt (id, execution_id, key, flow, step, type, title, payload, response_schema,
        initial, policy, audience, excluded_id, digest, status, closed_reason)
    SELECT o.id, o.of, o.key, o.flow, o.step, o.type, o.title, o.payload::json, o.response_schema::json,
        o.initial::json, o.policy::json, ARRAY(SELECT json_array_elements_text(o.audience::json)), o.excluded,
        o.digest, 'waiting', ''
    FROM unnest(
        %(opened_id)s::uuid[], %(opened_of)s::uuid[], %(opened_key)s::text[], %(opened_flow)s::text[],
        %(opened_step)s::text[], %(opened_type)s::text[], %(opened_title)s::text[],
        %(opened_payload)s::text[], %(opened_response_schema)s::text[], %(opened_initial)s::text[],
        %(opened_policy)s::text[],
        %(opened_audience)s::text[], %(opened_excluded)s::bigint[], %(opened_digest)s::text[]
    ) AS o(id, of, key, flow, step, type, title, payload, response_schema, initial, policy, audience,
        excluded, digest)
    JOIN done d ON d.id = o.of
    WHERE (SELECT count(*) FROM closed) >= 0
    RETURNING id, execution_id
), applied AS (
    DELETE FROM flows_message m
    USING unnest(%(applied_id)s::bigint[], %(applied_of)s::uuid[]) AS a(id, of) JOIN done d ON d.id = a.of
    WHERE m.id = a.id AND m.execution_id = a.of
), events AS (
    INSERT INTO flows_event (execution_id, interrupt_id, kind, door, address, detail)
    SELECT execution_id, interrupt_id, kind, '', '', detail FROM (
        SELECT 1, execution_id, id, 'interrupt.closed', json_build_object('reason', closed_reason) FROM closed
        UNION ALL SELECT 2, execution_id, id, 'interrupt.opened', NULL FROM opened
        UNION ALL SELECT 3, d.id, NULL, h.kind, h.detail::json
        FROM unnest(%(event_of)s::uuid[], %(event_kind)s::text[], %(event_detail)s::text[])
            AS h(of, kind, detail)
        JOIN done d ON d.id = h.of
    ) AS happened(part, execution_id, interrupt_id, kind, detail) ORDER BY part
)
SELECT id, epoch, message_seq, held, due,
    ARRAY(SELECT DISTINCT token FROM closed c, unnest(c.audience) AS token WHERE c.execution_id = done.id)
FROM done
"""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new interrupt's row. Values are tagged JSON; None where the author gave none."""

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


@dataclass(frozen=True, slots=True)
class Commit:
    """One execution's new state, valid only under `epoch`.

    `snapshot`, `result` and `error` are JSON text; None leaves the stored one. `hold` keeps the lease,
    otherwise the execution parks, or is due at once with `wake` or when the row's message_seq has
    moved past `message_seq`. `closed` are (key, reason), `applied` message ids, `events` (kind, detail).
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
    opened: Sequence[Opened] = ()
    closed: Sequence[tuple[str, str]] = ()
    applied: Sequence[int] = ()
    events: Sequence[tuple[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Committed:
    """The row after its commit: the new `epoch`, the count of all messages so far, whether the lease was
    kept, whether it is due again at once, and the audience tokens of the interrupts that were closed."""

    id: UUID
    epoch: int
    message_seq: int
    held: bool
    due: bool
    audience: list[str] = field(default_factory=list)


def commit(batch: Sequence[Commit], *, owner: str) -> dict[UUID, Committed]:
    """Write what `owner` has done, by execution id; what is missing in the answer was taken over."""
    parameters: dict[str, Any] = {"owner": owner, **_executions(batch), **_opened(batch), **_rest(batch)}
    with connection.cursor() as cursor:
        cursor.execute(COMMIT, parameters)
        return {row[0]: Committed(*row) for row in cursor.fetchall()}


def _executions(batch: Sequence[Commit]) -> dict[str, list[Any]]:
    names = ("id", "epoch", "message_seq", "status", "snapshot", "result", "error", "claims", "hold", "wake")
    return {name: [getattr(commit, name) for commit in batch] for name in names}


def _opened(batch: Sequence[Commit]) -> dict[str, list[Any]]:
    pairs = [(commit.id, opened) for commit in batch for opened in commit.opened]
    columns = {
        f"opened_{name}": [getattr(opened, name) for _, opened in pairs]
        for name in ("id", "key", "flow", "step", "type", "title", "digest")
    }
    for name in ("payload", "response_schema", "initial", "policy", "audience"):
        columns[f"opened_{name}"] = [_json(getattr(opened, name)) for _, opened in pairs]
    columns["opened_excluded"] = [opened.excluded_id for _, opened in pairs]
    columns["opened_of"] = [execution_id for execution_id, _ in pairs]
    return columns


def _rest(batch: Sequence[Commit]) -> dict[str, list[Any]]:
    closed = [(commit.id, key, reason) for commit in batch for key, reason in commit.closed]
    applied = [(commit.id, message_id) for commit in batch for message_id in commit.applied]
    events = [(commit.id, kind, _json(detail)) for commit in batch for kind, detail in commit.events]
    columns: dict[str, list[Any]] = {}
    for names, rows in (
        (("closed_of", "closed_key", "closed_reason"), closed),
        (("applied_of", "applied_id"), applied),
        (("event_of", "event_kind", "event_detail"), events),
    ):
        columns |= dict(zip(names, _columns(rows, len(names)), strict=True))
    return columns


def _columns(rows: Iterable[Sequence[Any]], count: int) -> list[list[Any]]:
    rows = list(rows)
    return [[row[index] for row in rows] for index in range(count)]


def _json(value: Any) -> str | None:
    return None if value is None else dump_json(value)
