"""The floor: the least that such a cycle costs in psycopg, with rows as large as ours and no features.

Starts and answers are one statement and one commit each; the worker claims and commits up to a
hundred at once. No flows, no checks, no hints: the worker and the answerer look again and again.
"""

import json
import os
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg_pool import ConnectionPool

from benchmarks.cycles import client

BATCH = 100
SIZES = json.loads(os.environ.get("SIZES", "{}"))  # bytes of each sort of row, as ours has them

TABLES = """
CREATE TABLE execution (id uuid PRIMARY KEY, status text NOT NULL, epoch int NOT NULL DEFAULT 0,
    wake_at timestamptz DEFAULT now(), lease_until timestamptz, body text NOT NULL) WITH (fillfactor = 60);
CREATE INDEX execution_due ON execution (wake_at) WHERE wake_at IS NOT NULL;
CREATE TABLE interrupt (id uuid PRIMARY KEY, execution_id uuid NOT NULL, status text NOT NULL,
    body text NOT NULL) WITH (fillfactor = 85);
CREATE INDEX interrupt_of ON interrupt (execution_id);
CREATE TABLE response (interrupt_id uuid PRIMARY KEY, body text NOT NULL);
CREATE TABLE message (id bigserial PRIMARY KEY, execution_id uuid NOT NULL, body text NOT NULL);
CREATE INDEX message_of ON message (execution_id);
CREATE TABLE event (id bigserial PRIMARY KEY, execution_id uuid NOT NULL, body text NOT NULL);
CREATE INDEX event_of ON event (execution_id, id);
"""
START = """
WITH started AS (INSERT INTO execution (id, status, body) VALUES (%(id)s, 'created', %(body)s) RETURNING id)
INSERT INTO event (execution_id, body) SELECT id, %(event)s FROM started
"""
ASKING = "SELECT execution_id, id FROM interrupt WHERE execution_id = ANY(%s::uuid[])"
ANSWER = """
WITH closed AS (
    UPDATE interrupt SET status = 'answered' WHERE id = %(id)s AND status = 'waiting'
    RETURNING id, execution_id
), response AS (
    INSERT INTO response (interrupt_id, body) SELECT id, %(response)s FROM closed
), event AS (
    INSERT INTO event (execution_id, body) SELECT execution_id, %(event)s FROM closed
), message AS (
    INSERT INTO message (execution_id, body) SELECT execution_id, %(message)s FROM closed
)
UPDATE execution e SET wake_at = now() FROM closed WHERE e.id = closed.execution_id
"""
CLAIM = """
WITH due AS (
    SELECT id FROM execution WHERE wake_at <= now() AND (lease_until IS NULL OR lease_until <= now())
    ORDER BY wake_at LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE execution e SET epoch = e.epoch + 1, lease_until = now() + interval '30 seconds'
FROM due WHERE e.id = due.id
RETURNING e.id, e.epoch, e.status, (SELECT array_agg(m.body) FROM message m WHERE m.execution_id = e.id)
"""
COMMIT = """
WITH input AS (
    SELECT * FROM unnest(%(id)s::uuid[], %(epoch)s::int[], %(status)s::text[], %(body)s::text[])
        AS i(id, epoch, status, body)
), done AS (
    UPDATE execution e SET status = i.status, body = i.body, wake_at = NULL, lease_until = NULL
    FROM input i WHERE e.id = i.id AND e.epoch = i.epoch RETURNING e.id, e.status
), opened AS (
    INSERT INTO interrupt (id, execution_id, status, body)
    SELECT gen_random_uuid(), id, 'waiting', %(interrupt)s FROM done WHERE status = 'waiting'
), applied AS (
    DELETE FROM message m USING done WHERE m.execution_id = done.id
)
INSERT INTO event (execution_id, body) SELECT id, %(event)s FROM done
"""
NEXT = {"created": "waiting", "waiting": "completed"}


@contextmanager
def pooled() -> Iterator[ConnectionPool]:
    options = {"autocommit": True, "prepare_threshold": 0}
    with ConnectionPool(os.environ["DSN"], min_size=4, max_size=8, kwargs=options) as pool:
        yield pool


def body(row: str) -> str:
    return "x" * SIZES[row]


def clients(role: str) -> None:
    answered = {"response": body("response"), "event": body("event"), "message": body("message")}

    def start() -> str:
        id = uuid.uuid4()
        with pool.connection() as connection:
            connection.execute(START, {"id": id, "body": body("created"), "event": body("event")})
        return str(id)

    def asking(ids: list[str]) -> dict[str, str]:
        with pool.connection() as connection:
            return {str(execution): str(id) for execution, id in connection.execute(ASKING, [ids])}

    def answer(id: str) -> None:
        with pool.connection() as connection:
            assert connection.execute(ANSWER, {"id": id, **answered}).rowcount == 1

    with pooled() as pool:
        client.starter(start) if role == "start" else client.answerer_of_batches(asking, answer)


def work() -> None:
    """Claims and commits until its input ends."""
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    rest = {"interrupt": body("interrupt"), "event": body("event")}
    with psycopg.connect(os.environ["DSN"], autocommit=True, prepare_threshold=0) as connection:
        print(client.FIRST_LINE, flush=True)
        while not ended.is_set():
            claimed = connection.execute(CLAIM, {"limit": BATCH}).fetchall()
            after = [NEXT[status] for _, _, status, _ in claimed]
            row = {"id": [c[0] for c in claimed], "epoch": [c[1] for c in claimed], "status": after}
            if claimed:
                connection.execute(COMMIT, {**row, "body": [body(status) for status in after], **rest})
            else:
                ended.wait(0.002)


def main(role: str) -> None:
    if role == "prepare":
        with psycopg.connect(os.environ["DSN"]) as connection:
            connection.execute(TABLES)
    elif role == "work":
        work()
    else:
        clients(role)


if __name__ == "__main__":
    main(sys.argv[1])
