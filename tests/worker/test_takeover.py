"""Who has lost an execution commits nothing of it."""

import threading

import pytest
from django.db import connections, transaction

from flows.models import Event, Execution, Interrupt
from flows.services import executions, interrupts
from flows.store import queue
from flows.worker import Dispatcher
from tests.durable import intact, reload, until, work, working
from tests.flows_for_tests import flows

pytestmark = pytest.mark.django_db(transaction=True)


def take_over(execution) -> None:
    """What a second worker does when the first one's lease has run out, before the first one does."""
    with transaction.atomic():
        Execution.objects.filter(pk=execution.pk).update(lease_until=None, lease_owner="nobody")
        (claim,) = queue.claim(queue.Claimer("second", 60.0), limit=1)
    assert claim.id == execution.pk


def test_09_of_two_workers_with_one_snapshot_the_stalled_one_commits_nothing(gate):
    execution = executions.start(flow="beside", input="slow")
    with working(lease_seconds=60.0) as stalled:
        gate.wait_until_reached()
        until(lambda: Interrupt.objects.exists())
        take_over(execution)
        before = reload(execution)
        gate.open.set()
        until(lambda: stalled.counts.refused)
    after = reload(execution)
    assert (after.snapshot, after.epoch, after.lease_owner) == (before.snapshot, before.epoch, "second")
    assert executions.state(after) == {}
    intact()


def test_a_chunk_whose_execution_was_cancelled_leaves_no_trace(gate):
    execution = executions.start(flow="beside", input="slow")
    with working(lease_seconds=60.0) as dispatcher:
        gate.wait_until_reached()
        interrupt = until(lambda: Interrupt.objects.first())
        executions.cancel(execution_id=execution.pk, reason="enough")
        gate.open.set()
        until(lambda: dispatcher.counts.refused)
    assert reload(execution).status == "cancelled"
    assert Interrupt.objects.get(pk=interrupt.pk).status == "cancelled"
    assert Event.objects.filter(kind="execution.completed").count() == 0
    intact()


def test_a_lost_lease_is_noticed_while_the_chunk_still_runs(gate):
    execution = executions.start(flow="beside", input="slow")
    with working(lease_seconds=0.3) as dispatcher:
        gate.wait_until_reached()
        until(lambda: Interrupt.objects.exists())
        take_over(execution)
        until(lambda: execution.pk not in dispatcher._holds)
    intact()


def test_a_long_chunk_keeps_its_lease(gate):
    execution = executions.start(flow="beside", input="slow")
    with working(lease_seconds=0.6):
        gate.wait_until_reached()
        until(lambda: Interrupt.objects.exists())
        first = reload(execution)
        until(lambda: reload(execution).lease_until > first.lease_until)
        assert reload(execution).epoch == first.epoch  # prolonged, and not claimed again
        assert queue.claim(queue.Claimer("second", 1.0), limit=9) == []
        gate.open.set()
    assert not gate.reached.acquire(blocking=False)  # it was begun once
    intact()


def test_two_workers_run_each_chunk_once():
    flows.runs.clear()
    started = [executions.start(flow="ask", input={}) for _ in range(40)]
    workers = [threading.Thread(target=_work) for _ in range(2)]
    for worker in workers:
        worker.start()
    until(lambda: Interrupt.objects.count() == 40)
    for interrupt in Interrupt.objects.all():
        interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
    for worker in workers:
        worker.join(20)
    work()
    assert flows.runs.count("keep") == 40
    assert Execution.objects.filter(status="completed").count() == len(started)
    intact()


def _work() -> None:
    dispatcher = Dispatcher(concurrency=3)
    stopper = threading.Thread(target=_stop_when_done, args=(dispatcher,))
    stopper.start()
    dispatcher.run()
    stopper.join()
    connections.close_all()


def _stop_when_done(dispatcher: Dispatcher) -> None:
    until(lambda: not Execution.objects.exclude(status="completed").exists())
    dispatcher.stop()
    connections.close_all()
