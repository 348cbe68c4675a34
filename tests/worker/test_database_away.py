"""Connections that the server cuts off: the worker comes back by itself and loses nothing."""

import pytest
from django.db import connection

from flows.models import Interrupt
from flows.services import executions, interrupts
from tests.durable import reload, until, working
from tests.flows_for_tests import flows

pytestmark = pytest.mark.django_db(transaction=True)


CUTS = 20
OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def of_other_connections(expression: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count({expression}) {OTHERS}")
        return cursor.fetchone()[0]


def cut_all_other_connections() -> int:
    return of_other_connections("pg_terminate_backend(pid)")


def test_an_outcome_is_committed_once_the_database_is_back(gate):
    execution = executions.start(flow="beside", input="slow")
    with working(lease_seconds=30.0) as dispatcher:
        gate.wait_until_reached()
        until(lambda: Interrupt.objects.exists())
        assert cut_all_other_connections() >= 2
        gate.open.set()
        until(lambda: executions.state(reload(execution)) or _slow_is_done(execution))
        assert dispatcher.counts.refused == 0
        assert not gate.reached.acquire(blocking=False)  # it was begun once


def test_hints_are_heard_again(settings):
    settings.FLOWS_POLL_SECONDS = 60
    with working() as dispatcher:
        until(lambda: not dispatcher._claiming.look)
        cut_all_other_connections()
        execution = executions.start(flow="ask", input={})
        until(lambda: reload(execution).status == "waiting")


def test_cut_again_and_again_everything_still_finishes_once():
    flows.runs.clear()
    started = [executions.start(flow="ask", input={}) for _ in range(10)]
    with working(lease_seconds=1.0):
        for _ in range(CUTS):
            until(lambda: of_other_connections("*") >= 2)
            cut_all_other_connections()
        until(lambda: Interrupt.objects.count() == 10)
        for interrupt in Interrupt.objects.all():
            interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
            cut_all_other_connections()
        until(lambda: all(reload(execution).status == "completed" for execution in started))
    assert Interrupt.objects.count() == 10


def _slow_is_done(execution) -> bool:
    return any(
        step.label == "slow" and step.status == "done" for step in executions.progress(reload(execution))
    )
