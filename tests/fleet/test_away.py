"""What the flows worker does while a chunk is away, and while the broker is."""

import socket

import pytest

from flows.models import RemoteRun
from flows.services import executions
from flows.services.progress import progress
from flows.worker import Dispatcher
from tests.durable import reload, until, work, working

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("left_intact")]


def test_it_is_parked_without_lease_or_slot_and_shown_as_running(broker, settings):
    settings.FLOWS_RESEND_SECONDS = 60
    execution = executions.start(flow="heavy", input=1)
    dispatcher = work()
    parked = reload(execution)
    assert (parked.status, parked.wake_at, parked.lease_owner, parked.claims) == ("running", None, None, 0)
    assert dispatcher.counts.chunks == 0
    assert [step.status for step in progress(parked) if step.label == "heavy"] == ["running"]
    assert broker.length() == 1


def test_others_go_on_while_the_broker_is_away_and_it_is_delivered_later(fleet, broker):
    broker.stop()
    heavy = executions.start(flow="heavy", input=21)
    with working():
        until(lambda: RemoteRun.objects.exists())
        others = [executions.start(flow="telling", input=None) for _ in range(20)]
        until(lambda: all(reload(other).status == "completed" for other in others))
        assert reload(heavy).status == "running"
        broker.start()
        fleet.worker()
        until(lambda: reload(heavy).status == "completed")
    assert reload(heavy).result["doubled"] == 42


def test_a_broker_that_does_not_answer_stalls_nobody(broker, fleet, monkeypatch):
    """It takes connections, and says nothing."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        heavy = executions.start(flow="heavy", input=21)
        with monkeypatch.context() as patch:
            patch.setenv("CELERY_BROKER_URL", url)
            with working():
                asking, _ = silent.accept()
                others = [executions.start(flow="telling", input=None) for _ in range(5)]
                until(lambda: all(reload(other).status == "completed" for other in others))
            asking.close()
    fleet.worker()
    with working():
        until(lambda: reload(heavy).status == "completed")


def test_cancelled_while_it_runs_it_is_told_and_its_outcome_dropped(fleet, lingering):
    lingering.input["says when cancelled"] = True
    fleet.worker()
    execution = executions.start(flow="heavy lingers", input=lingering.input)
    with working():
        assert lingering.hear() == "begun"
        executions.cancel(execution_id=execution.pk, reason="No longer needed")
        assert lingering.hear() == "cancelled"
        until(lambda: "'dropped'" in fleet.output())
        until(lambda: RemoteRun.objects.get().status == "dropped")
    cancelled = reload(execution)
    assert (cancelled.status, cancelled.result, cancelled.messages.count()) == ("cancelled", None, 0)


def test_cancelled_before_it_began_it_never_begins(fleet, broker):
    execution = executions.start(flow="heavy", input=1)
    work()
    executions.cancel(execution_id=execution.pk, reason="No longer needed")
    fleet.worker()
    until(lambda: "'not to be had'" in fleet.output())
    with working():
        until(lambda: RemoteRun.objects.get().status == "dropped")
    assert RemoteRun.objects.get().epoch == 0


def test_the_flows_worker_may_end_meanwhile(fleet, processes, lingering):
    fleet.worker()
    execution = executions.start(flow="heavy lingers", input=lingering.input)
    first = processes.worker()
    assert lingering.hear() == "begun"
    first.terminate()
    assert first.wait(10) == 0
    lingering.let_go()
    until(lambda: reload(execution).messages.filter(kind="outcome").exists())
    processes.worker()
    until(lambda: reload(execution).status == "completed")
    assert len(lingering.runs()) == 1


def test_a_failed_execution_keeps_the_outcome_until_its_retry(fleet, lingering):
    fleet.worker()
    execution = executions.start(flow="heavy beside", input=lingering.input)
    with working():
        assert lingering.hear() == "begun"
        until(lambda: reload(execution).status == "failed")
        lingering.let_go()
        until(lambda: execution.messages.filter(kind="outcome").exists())
        assert (reload(execution).wake_at, reload(execution).status) == (None, "failed")
        executions.retry(execution_id=execution.pk)
        until(lambda: reload(execution).status == "completed")
    assert len(lingering.runs()) == 1


def test_a_worker_without_a_celery_app_leaves_the_sending_to_others(broker, settings):
    settings.FLOWS_CELERY_APP, settings.FLOWS_RESEND_SECONDS = "", 60
    executions.start(flow="heavy", input=1)
    work()
    assert (RemoteRun.objects.get().sends, broker.length()) == (0, 0)
    settings.FLOWS_CELERY_APP = "tests.flows_on_celery.fleet:app"
    Dispatcher().run(until_idle=True)
    assert broker.length() == 1
