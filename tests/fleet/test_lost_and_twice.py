"""Deliveries that come twice or never, Celery workers that are killed or sleep: one effect all the same."""

import signal

import psutil
import pytest
from django.db import connection, transaction

from flows import conf
from flows.models import Event, Execution, Message, RemoteRun
from flows.services import executions
from flows.worker.fleet import broker as sending
from tests.durable import reload, until, working
from tests.worker.test_database_away import cut_all_other_connections

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("left_intact")]


def finished(execution):
    until(lambda: reload(execution).status == "completed")
    return reload(execution)


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def completions() -> int:
    return Event.objects.filter(kind="execution.completed").count()


def test_delivered_twice_it_runs_once(fleet, broker, lingering):
    fleet.worker("--pool", "threads", "--concurrency", "4")
    execution = executions.start(flow="heavy lingers", input=lingering.input)
    with working():
        assert lingering.hear() == "begun"
        run = RemoteRun.objects.get()
        sending.send(sending.app(), [run.pk, run.pk])
        until(lambda: fleet.output().count("'not to be had'") >= 2)
        lingering.let_go()
        finished(execution)
        before = fleet.output().count("'not to be had'")
        sending.send(sending.app(), [run.pk])
        until(lambda: fleet.output().count("'not to be had'") > before)
    assert len(lingering.runs()) == 1
    assert (RemoteRun.objects.get().epoch, completions()) == (1, 1)


def test_lost_before_anybody_took_it_it_is_sent_again(fleet, broker, lingering):
    lingering.let_go()
    execution = executions.start(flow="heavy lingers", input=lingering.input)
    with working():
        until(lambda: broker.length() >= 1)
        broker.forget()
        fleet.worker()
        assert lingering.hear() == "begun"
        assert finished(execution).result[0] == 1
    assert len(lingering.runs()) == 1


def test_killed_with_its_broker_before_delivery_it_is_sent_again(fleet, broker, lingering):
    lingering.let_go()
    execution = executions.start(flow="heavy lingers", input=lingering.input)
    with working():
        until(lambda: broker.length() >= 1)
        broker.stop()
        broker.start()
        assert broker.length() == 0
        fleet.worker()
        assert lingering.hear() == "begun"
        finished(execution)


def test_killed_in_the_middle_another_one_finishes_under_the_same_key(fleet, lingering):
    first = fleet.worker()
    execution = executions.start(flow="heavy lingers", input=lingering.input)
    with working():
        assert lingering.hear() == "begun"
        fleet.kill(first)
        fleet.worker()
        done = finished(execution)
    key = f"{execution.pk}:1"
    assert lingering.runs() == [["1", key], ["2", key]]
    assert done.result == [2, key]
    assert (RemoteRun.objects.get().epoch, completions()) == (2, 1)


def test_a_child_process_killed_in_the_middle_is_replaced(fleet, lingering):
    worker = fleet.worker("--pool", "prefork", "--concurrency", "1")
    execution = executions.start(flow="heavy lingers", input=lingering.input)
    with working():
        assert lingering.hear() == "begun"
        (child,) = psutil.Process(worker.pid).children()
        child.kill()
        assert finished(execution).result[0] == 2
    assert worker.poll() is None


def test_one_that_sleeps_past_its_lease_and_is_replaced_writes_nothing(fleet, lingering):
    lingering.input["linger"] = [1, 2]
    first = fleet.worker()
    execution = executions.start(flow="heavy lingers", input=lingering.input)
    with working():
        assert lingering.hear() == "begun"
        first.send_signal(signal.SIGSTOP)
        fleet.worker()
        assert lingering.hear() == "begun"
        lingering.let_go(1)
        first.send_signal(signal.SIGCONT)
        until(lambda: "'dropped'" in fleet.output())
        assert Message.objects.count() == 0
        lingering.let_go(2)
        finished(execution)
    assert reload(execution).result[0] == 2
    assert (RemoteRun.objects.get().epoch, completions(), Message.objects.count()) == (2, 1, 0)


def test_one_that_slept_and_was_not_replaced_keeps_its_work(fleet, lingering):
    first = fleet.worker()
    execution = executions.start(flow="heavy lingers", input=lingering.input)
    with working():
        assert lingering.hear() == "begun"
        first.send_signal(signal.SIGSTOP)
        until(lambda: RemoteRun.objects.get().status == "queued")  # its lease ran out, and nobody came
        first.send_signal(signal.SIGCONT)
        lingering.let_go()
        assert finished(execution).result[0] == 1
    assert len(lingering.runs()) == 1


def test_the_outcome_is_brought_once_the_database_is_back(fleet, lingering):
    fleet.worker()
    execution = executions.start(flow="heavy lingers", input=lingering.input)
    with working():
        assert lingering.hear() == "begun"
        with transaction.atomic():
            Execution.objects.select_for_update().get(pk=execution.pk)
            lingering.let_go()
            until(somebody_waits_for_a_lock)
            cut_all_other_connections()
        finished(execution)
    assert "The database is away" in fleet.output()
    assert (len(lingering.runs()), RemoteRun.objects.get().epoch) == (1, 1)


def test_what_kills_its_celery_workers_fails_with_a_reason(fleet):
    """Claimed and lost as often as is allowed, it is not run once more."""
    execution = executions.start(flow="heavy", input=1)
    with working():
        until(lambda: RemoteRun.objects.filter(status="queued").exists())
        RemoteRun.objects.update(epoch=conf.get("FLOWS_MAX_CLAIMS"))
        fleet.worker()
        until(lambda: reload(execution).status == "failed")
    assert reload(execution).error["type"] == "WorkerLost"
    assert executions.state(reload(execution)) == {}
