"""SIGTERM: what runs may finish, what cannot is handed back, and the process ends."""

import os

import pytest

from flows.services import executions
from tests.durable import intact, reload, until, working

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_running_chunk_may_finish_and_nothing_after_it_starts(gate, settings):
    settings.FLOWS_GRACE_SECONDS = 20
    execution = executions.start(flow="beside", input="slow")
    with working() as dispatcher:
        gate.wait_until_reached()
        dispatcher.stop()
        started_later = executions.start(flow="ask", input={})
        gate.open.set()
    stages = {step.label: step.status for step in executions.progress(reload(execution))}
    assert stages["slow"] == "done"
    assert reload(execution).lease_owner is None
    assert reload(started_later).lease_owner is None
    assert not reload(started_later).interrupts.exists()
    intact()


def test_what_does_not_finish_in_time_is_handed_back_at_once(processes, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    first = processes.worker()
    execution = executions.start(flow="killed", input={"began": str(tmp_path / "began"), "pipe": str(pipe)})
    assert pipe.read_text() == "begun"
    first.terminate()
    assert first.wait(10) == 0
    handed_back = reload(execution)
    assert (handed_back.lease_owner, handed_back.claims) == (None, 0)
    processes.worker()
    until(lambda: reload(execution).status == "completed")
    intact()


def test_an_idle_worker_ends_at_once(processes):
    worker = processes.worker()
    execution = executions.start(flow="ask", input={})
    until(lambda: reload(execution).status == "waiting")
    worker.terminate()
    assert worker.wait(5) == 0
    intact()
