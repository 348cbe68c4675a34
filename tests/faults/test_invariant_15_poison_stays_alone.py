"""15. Poison stays alone: what the database refuses, or somebody's lock, holds up no other execution."""

import secrets

import psycopg
import pytest
from django.db import connection

from flows.models import Execution
from flows.services import executions
from tests.durable import reload, until
from tests.faults.reach import environment, url_through

pytestmark = pytest.mark.django_db(transaction=True)

TOO_LONG = secrets.token_hex(9_000)  # for any index, and what it is too long for says so as if it were down
LEASE_SECONDS = 2.0


@pytest.fixture
def worker(proxy, processes):
    """With the timeouts of production."""
    return processes.worker(**environment(url_through(proxy.port)))


@pytest.mark.parametrize("options", [{"interrupt_id": TOO_LONG}, {"policy": {"users": [TOO_LONG]}}])
def test_what_is_too_long_for_the_database_is_set_aside_with_a_reason(options, worker):
    poison = executions.start(flow="ask", input=options)
    others = [executions.start(flow="ask", input={}) for _ in range(5)]
    until(lambda: all(reload(other).status == "waiting" for other in others))
    until(lambda: reload(poison).status == "failed")
    assert reload(poison).error["type"] == "CommitRefused"


def test_a_row_that_somebody_has_locked_costs_no_other_one_its_lease_or_its_commit(
    worker, processes, tmp_path
):
    locked, other = [begin_watching(tmp_path / name) for name in ("locked", "other")]
    processes.worker()  # would take over what has no lease
    with holding(locked):
        lease = reload(other).lease_until
        until(lambda: (reload(other).lease_until - lease).total_seconds() > 1.5 * LEASE_SECONDS)
        for execution in (locked, other):
            (tmp_path / execution.input / "go on").touch()
        until(lambda: reload(other).status == "completed")
        assert reload(locked).status != "completed"
    until(lambda: reload(locked).status == "completed")
    assert reload(other).result == "went on"


def begin_watching(folder) -> Execution:
    folder.mkdir()
    execution = executions.start(flow="watching", input=str(folder))
    until((folder / "began").exists)
    return execution


def holding(execution: Execution) -> psycopg.Connection:
    """Another connection that has this row locked until its block ends."""
    host, name = connection.get_connection_params()["host"], connection.settings_dict["NAME"]
    line = psycopg.connect(host=host, user="postgres", dbname=name)
    line.execute("SELECT 1 FROM flows_execution WHERE id = %s FOR UPDATE", [execution.pk])
    return line
