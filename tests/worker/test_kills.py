"""8. A killed worker's work resumes within its lease: kill -9 of real processes, at bad moments."""

import os
import signal

import pytest

from flows.models import Event, Interrupt
from flows.services import executions, interrupts
from tests.durable import intact, reload, until

pytestmark = pytest.mark.django_db(transaction=True)


def test_killed_between_pause_and_answer_the_execution_finishes_elsewhere(processes, rita, fiona):
    first = processes.worker()
    execution = executions.start(flow="ask", input={}, by=rita)
    interrupt = until(lambda: Interrupt.objects.first())
    first.kill()
    first.wait()
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True}, by=fiona)
    processes.worker()
    until(lambda: reload(execution).status == "completed")
    kinds = list(Event.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["execution.started", "interrupt.opened", "interrupt.answered", "execution.completed"]
    intact()


def test_killed_in_the_middle_of_a_chunk_the_execution_finishes_elsewhere(processes, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    first = processes.worker()
    execution = executions.start(flow="killed", input={"began": str(tmp_path / "began"), "pipe": str(pipe)})
    assert pipe.read_text() == "begun"
    processes.worker()
    first.kill()
    first.wait()
    until(lambda: reload(execution).status == "completed")
    assert reload(execution).result == "survived"
    intact()


def test_a_worker_that_sleeps_past_its_lease_commits_nothing(processes, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    first = processes.worker()
    execution = executions.start(flow="killed", input={"began": str(tmp_path / "began"), "pipe": str(pipe)})
    assert pipe.read_text() == "begun"
    first.send_signal(signal.SIGSTOP)
    processes.worker()
    until(lambda: reload(execution).status == "completed")
    epoch = reload(execution).epoch
    first.send_signal(signal.SIGCONT)
    first.terminate()
    assert first.wait(20) == 0
    assert (reload(execution).epoch, reload(execution).status) == (epoch, "completed")
    intact()


def test_the_orm_works_in_a_plain_chunk(processes, fiona):
    execution = executions.start(flow="plain", input={"amount": 21}, by=fiona)
    processes.worker("--until-idle").wait(20)
    assert (reload(execution).status, reload(execution).result) == ("completed", 42)
    intact()
