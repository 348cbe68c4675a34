"""The checks run while everything else does, and give no false alarm."""

import random
import threading
from contextlib import contextmanager, suppress

import pytest
from django.db import connections

from flows.models import Event, Execution, Interrupt
from flows.services import errors, executions, interrupts
from tests.durable import PATIENCE_SECONDS, intact, until, working
from tests.flows_for_tests import flows

pytestmark = pytest.mark.django_db(transaction=True)
EXECUTIONS = 150
INPUTS = {
    "ask": {},
    "pair": None,
    "loop": ["a", "b"],
    "later": None,
    "listening": None,
    "skipping": [1, 2, 3],
}
LOOKS = 12  # at least so many while people and workers are busy


@contextmanager
def busy(*functions):
    """Threads that call these again and again until the end."""
    over, failed = threading.Event(), []

    def again(function):
        try:
            while not over.is_set():
                with suppress(errors.Conflict):
                    function()
        except Exception as error:
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=again, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
    assert failed == []


def start_some() -> None:
    if Execution.objects.exclude(status__in=("completed", "cancelled")).count() < EXECUTIONS:
        flow = random.choice(list(INPUTS))
        executions.start(flow=flow, input=INPUTS[flow])


def start_with_a_mood() -> None:
    """Every now and then the ledger is closed, and what comes to it fails."""
    flows.broken.symmetric_difference_update({"keep"})
    start_some()


def answer_some() -> None:
    for interrupt in Interrupt.objects.waiting()[:5]:
        approval = interrupt.type == "approval"
        interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True} if approval else "yes")


def retry_or_cancel_one() -> None:
    failed = Execution.objects.filter(status="failed").first()
    if failed and random.random() < 0.8:
        executions.retry(execution_id=failed.pk)
    elif failed:
        executions.cancel(execution_id=failed.pk, reason="It fails")


def test_there_is_no_false_alarm_while_workers_and_people_are_busy():
    try:
        with (
            working(concurrency=4),
            working(concurrency=2),
            busy(start_some, start_with_a_mood, answer_some, answer_some, retry_or_cancel_one),
        ):
            for _ in range(LOOKS):
                intact()
            until(lambda: Execution.objects.filter(status="completed").count() >= EXECUTIONS)
            intact()
    finally:
        flows.broken.clear()
    intact()
    kinds = set(Event.objects.values_list("kind", flat=True))
    assert kinds >= {"execution.failed", "execution.retried", "execution.cancelled", "interrupt.answered"}
