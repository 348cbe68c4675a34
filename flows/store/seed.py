"""Many waiting executions at once, copied from a few that were really run. For trying things out only."""

# ruff: noqa: S608 - put together from constants; every value is a parameter

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from flows.engine import dump_json
from flows.store.commits import Opened

# What stands in a sample for what differs in each copy. Texts that no JSON escapes.
EXECUTION, KEY, NUMBER = "@execution@", "@key@", "@number@"
DUE, EXPIRES = "@due@", "@expires@"
DUE_TEXT, EXPIRES_TEXT = "@due_text@", "@expires_text@"
ISO = """'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'"""
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Sample:
    """A waiting execution with its one question; texts hold the marks above. Seconds count from when it
    was asked, `age_seconds` is the most that lies between then and now; `shown` is what the digest is of.
    `timers` are the snapshot's while the due time is ahead and after it."""

    weight: float
    requesters: tuple[int, ...]
    age_seconds: float
    input: Any
    snapshot: str
    shown: str
    opened: Opened
    due_seconds: float | None
    expires_seconds: float | None


SAMPLES = """
CREATE TEMPORARY TABLE flows_sample (
    at int PRIMARY KEY, requesters bigint[], age float8, input text, snapshot text, shown text, flow text,
    step text, type text, title text, payload text, response_schema text, initial text, policy text,
    audience text[], priority int, due float8, expires float8, on_expire text) ON COMMIT DROP
"""

# A version 7 UUID of that time, of which the last characters are random.
NEW_ID = """(lpad(to_hex((extract(epoch FROM asked_at) * 1000)::bigint), 12, '0') || '7'
    || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 4, 15))::uuid"""

# One batch: %(picks)s are the samples to copy, numbered from %(number)s on. A due time in the past has been
# noted already, as a worker would have; its timer is gone from the snapshot.
COPY = f"""
WITH picked AS MATERIALIZED (
    SELECT %(number)s + p.n AS number, s.*, now() - (0.02 + 0.98 * power(random(), 1.5)) * s.age
        * interval '1 second' AS asked_at,
        s.requesters[1 + floor(random() * cardinality(s.requesters))::int] AS requester
    FROM unnest(%(picks)s::int[]) WITH ORDINALITY AS p(at, n) JOIN flows_sample s ON s.at = p.at
), numbered AS MATERIALIZED (
    SELECT *, {NEW_ID} AS execution, {NEW_ID} AS interrupt, {NEW_ID}::text AS key,
        lpad(number::text, 7, '0') AS label,
        asked_at + due * interval '1 second' AS due_at, asked_at + expires * interval '1 second' AS expires_at
    FROM picked
), made AS MATERIALIZED (
    SELECT *, coalesce(due_at <= now(), false) AS late,
        replace(replace(replace(snapshot, '{EXECUTION}', execution::text), '{KEY}', key), '{NUMBER}', label)
            AS marked
    FROM numbered
), executions AS (
    INSERT INTO flows_execution (id, flow, status, requester_id, input, snapshot, queue, wake_at, epoch,
        created_at, updated_at)
    SELECT execution, flow, 'waiting', requester, replace(input, '{NUMBER}', label)::json,
        replace(replace(replace(replace(CASE WHEN late
                THEN regexp_replace(marked, '\\["{DUE}","due"\\],?', '') ELSE marked END,
            '"{DUE}"', coalesce(extract(epoch FROM due_at)::text, 'null')),
            '"{EXPIRES}"', coalesce(extract(epoch FROM expires_at)::text, 'null')),
            '{DUE_TEXT}', coalesce(to_char(due_at AT TIME ZONE 'UTC', {ISO}), '')),
            '{EXPIRES_TEXT}', coalesce(to_char(expires_at AT TIME ZONE 'UTC', {ISO}), '')),
        'default', CASE WHEN late THEN expires_at ELSE least(due_at, expires_at) END, 3, asked_at, asked_at
    FROM made
), interrupts AS (
    INSERT INTO flows_interrupt (id, execution_id, key, flow, step, type, title, payload, response_schema,
        initial, policy, audience, excluded_id, digest, priority, due_at, expires_at, on_expire, frame,
        status, closed_reason, created_at)
    SELECT interrupt, execution, key, flow, step, type, replace(title, '{NUMBER}', label),
        replace(payload, '{NUMBER}', label)::json, response_schema::json, initial::json, policy::json,
        audience, requester, encode(sha256(convert_to(replace(shown, '{NUMBER}', label), 'UTF8')), 'hex'),
        priority, due_at, expires_at, on_expire::json, 0, 'waiting', '', asked_at
    FROM made
)
INSERT INTO flows_event (execution_id, interrupt_id, kind, actor_id, door, address, created_at)
SELECT execution, interrupt, kind, actor, door, '', at FROM (
    SELECT 1 AS part, execution, NULL::uuid AS interrupt, 'execution.started' AS kind, requester AS actor,
        'code' AS door, asked_at AS at FROM made
    UNION ALL SELECT 2, execution, interrupt, 'interrupt.opened', NULL, '', asked_at FROM made
    UNION ALL SELECT 3, execution, interrupt, 'interrupt.overdue', NULL, 'timer', due_at FROM made WHERE late
) AS happened ORDER BY part
"""


def copy(samples: Sequence[Sample], picks: Sequence[int], *, number: int) -> None:
    """Insert a copy of samples[i] for each i of `picks`, in one transaction; `number` counts those before."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SAMPLES)
        used = sorted(set(picks))
        with cursor.copy("COPY flows_sample FROM STDIN") as rows:
            for at in used:
                rows.write_row(_row(at, samples[at]))
        cursor.execute(COPY, {"number": number, "picks": list(picks)})


def analyze() -> None:
    """Statistics and visibility of what was inserted, at once instead of when autovacuum comes round."""
    tables = ("flows_execution", "flows_interrupt", "flows_event", "flows_inboxentry")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"VACUUM (ANALYZE) {table}")


def _row(at: int, sample: Sample) -> tuple[Any, ...]:
    o = sample.opened
    json = [None if v is None else dump_json(v) for v in (o.payload, o.response_schema, o.initial, o.policy)]
    on_expire = None if o.on_expire is None else dump_json(o.on_expire)
    return (
        at,
        list(sample.requesters),
        sample.age_seconds,
        dump_json(sample.input),
        sample.snapshot,
        sample.shown,
        o.flow,
        o.step,
        o.type,
        o.title,
        *json,
        o.audience,
        o.priority,
        sample.due_seconds,
        sample.expires_seconds,
        on_expire,
    )
