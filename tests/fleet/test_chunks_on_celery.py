"""A chunk that runs on Celery workers does what it would have done in a flows worker."""

import json
import os

import pytest

from flows.models import Event, Interrupt, RemoteRun
from flows.services import executions, interrupts
from tests.durable import reload, until, working

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("celery_worker", "left_intact"),
]


def ended(execution, status="completed"):
    until(lambda: reload(execution).status == status)
    return reload(execution)


def test_it_runs_there_and_the_flow_goes_on_here():
    execution = executions.start(flow="heavy", input=21)
    with working():
        done = ended(execution)
    assert done.result["doubled"] == 42
    assert done.result["pid"] != os.getpid()
    assert executions.state(done) == {"seen": {"by": done.result["pid"]}, "weighed": 21}
    kinds = list(Event.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["execution.started", "execution.reported", "execution.completed"]
    run = RemoteRun.objects.get()
    assert (run.status, run.epoch, run.attempt, run.step, run.due_at) == ("done", 1, 1, "heavy", None)
    assert done.messages.count() == 0


def test_it_asks_and_is_resumed_there():
    execution = executions.start(flow="heavy ask", input=None)
    with working():
        interrupt = until(lambda: Interrupt.objects.filter(status="waiting").first())
        assert ended(execution, "waiting").wake_at is None
        interrupts.decide(interrupt_id=interrupt.pk, answer="Jo")
        name, pid = ended(execution).result
    assert name == "Jo"
    assert pid != os.getpid()
    assert RemoteRun.objects.count() == 2


def test_one_that_raises_is_tried_again_under_the_same_key():
    execution = executions.start(flow="heavy fails", input=1)
    with working():
        assert ended(execution).result == 2
    attempts = RemoteRun.objects.order_by("created_at").values_list("attempt", "activation")
    assert list(attempts) == [(1, 1), (2, 1)]


def test_one_that_goes_on_raising_fails_with_its_reason_and_a_retry_runs_it_there():
    execution = executions.start(flow="heavy fails", input=2)
    with working():
        error = ended(execution, "failed").error
        assert (error["type"], error["step"]) == ("ConnectionError", "fails on celery")
        assert error["message"] == f"No answer to {execution.pk}:1"
        assert "flows_on_celery/flows.py" in error["traceback"]
        assert "flows/engine/" not in error["traceback"]
        failed = Event.objects.get(kind="execution.failed")
        assert failed.detail == {name: error[name] for name in ("step", "type", "message")}
        executions.retry(execution_id=execution.pk)
        assert ended(execution).result == 3


@pytest.mark.parametrize(("input", "type"), [("late", "ChunkTimeout"), ("exit", "ChunkEnded")])
def test_one_that_takes_too_long_or_would_end_its_process_fails(input, type, celery_worker):
    execution = executions.start(flow="heavy fails", input=input)
    with working():
        assert ended(execution, "failed").error["type"] == type
    assert celery_worker.poll() is None


def test_no_more_than_allowed_are_away_at_once():
    execution = executions.start(flow="heavy many", input=[1, 2, 3, 4, 5])
    most = 0
    with working():
        while reload(execution).status not in ("completed", "failed"):
            snapshot = json.loads(reload(execution).snapshot or '{"ready": []}')
            most = max(most, sum("away" in activation for activation in snapshot["ready"]))
    assert reload(execution).result == [1, 4, 9, 16, 25]
    assert most == 2
