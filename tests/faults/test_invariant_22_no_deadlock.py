"""22. No deadlock: every door at once on the same executions, with workers that commit and renew them.

The order of locks is in flows/store/__init__.py. PostgreSQL breaks a deadlock by itself and a worker
would only try again, so its own count of deadlocks is what is asked.
"""

import random

import psycopg
import pytest
from django.db import connection, connections

from flows.models import Execution, Interrupt
from flows.services import errors, executions, interrupts
from tests.durable import Threads, until, working
from tests.flows_for_tests import flows

pytestmark = pytest.mark.django_db(transaction=True)

SHARED = 4  # executions that everybody works on
DOORS, STEPS = 8, 80
LEASE_SECONDS = 0.5  # renewals six times a second


def deadlocks() -> int:
    """So far in this database; what others have counted is there once they have disconnected."""
    connections.close_all()
    until(lambda: count("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()") == 1)
    return count("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


def count(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def everything(seed: int) -> None:
    """One impatient person: any door, on any execution, whatever its state."""
    chance = random.Random(seed)
    for _ in range(STEPS):
        try:
            chance.choice([start, start, answer, answer, retry, cancel])(oldest(chance))
        except (errors.Conflict, errors.NotFound):
            pass  # somebody else was first
        flows.broken ^= {"keep"}


def oldest(chance: random.Random) -> Execution:
    """One of the few that everybody else takes as well."""
    unfinished = Execution.objects.exclude(status__in=["completed", "cancelled"])
    return chance.choice(unfinished.order_by("id")[:SHARED] or [executions.start(flow="pair", input={})])


def start(execution) -> None:
    executions.start(flow="pair", input={})


def answer(execution) -> None:
    for interrupt in Interrupt.objects.waiting().filter(execution=execution):
        value = {"approved": True} if interrupt.type == "approval" else "yes"
        interrupts.decide(interrupt_id=interrupt.pk, answer=value)


def retry(execution) -> None:
    executions.retry(execution_id=execution.pk)


def cancel(execution) -> None:
    executions.cancel(execution_id=execution.pk, reason="too many")


def test_every_door_at_once():
    before = deadlocks()
    for number in range(4 * SHARED):
        executions.start(flow="ask" if number % 2 else "pair", input={})
    try:
        with working(lease_seconds=LEASE_SECONDS), working(lease_seconds=LEASE_SECONDS):
            results = Threads([lambda seed=seed: everything(seed) for seed in range(DOORS)]).run()
    finally:
        flows.broken.clear()
    assert results == [None] * DOORS
    assert Execution.objects.filter(status="completed").exists()
    assert Execution.objects.filter(status="cancelled").exists()
    assert deadlocks() == before


def test_a_deadlock_would_be_counted():
    """What the test above relies on."""
    before = deadlocks()
    first, second = (executions.start(flow="ask", input={}).pk for _ in range(2))
    lock = "SELECT 1 FROM flows_execution WHERE id = %s FOR UPDATE"
    given = {**connection.get_connection_params(), "cursor_factory": None, "context": None}
    given.pop("prepare_threshold")
    lines = [psycopg.connect(**given) for _ in range(2)]
    for line, id in zip(lines, (first, second), strict=True):
        line.execute(lock, [id])
    Threads([lambda: lines[0].execute(lock, [second]), lambda: lines[1].execute(lock, [first])]).run()
    for line in lines:
        line.close()
    assert deadlocks() == before + 1
