"""Chunks that are tried again by themselves."""

import pytest

from flows.models import Event
from flows.services import executions
from flows.store import queue
from tests.durable import reload, until, work, working

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_chunk_that_succeeds_within_its_retries_fails_nothing():
    execution = executions.start(flow="retrying", input=2)
    work()
    assert (reload(execution).status, reload(execution).result) == ("completed", 3)
    assert not Event.objects.filter(kind="execution.failed").exists()


def test_a_chunk_that_used_up_its_retries_has_failed_once():
    execution = executions.start(flow="retrying", input=3)
    work()
    assert reload(execution).error["message"] == "No answer from the bank"
    assert Event.objects.filter(kind="execution.failed").count() == 1
    executions.retry(execution_id=execution.pk)
    work()
    assert reload(execution).result == 4


@pytest.mark.parametrize(("kind", "type"), [("error", "Unspeakable"), ("exit", "ChunkEnded")])
def test_an_exception_without_words_fails_its_execution_and_nothing_else(kind, type):
    execution = executions.start(flow="unspeakable", input=kind)
    fine = executions.start(flow="retrying", input=0)
    with working():
        until(lambda: reload(fine).status == "completed" and reload(execution).status == "failed")
    assert reload(execution).error["type"] == type


def test_an_attempt_that_ended_with_its_worker_counts_and_keeps_its_key():
    first, second = (executions.start(flow="telling", input=None) for _ in range(2))
    assert {claim.id for claim in queue.claim(queue.Claimer("dead", 0), limit=2)} == {
        first.pk,
        second.pk,
    }
    work()
    (attempt, key), (_, other) = reload(first).result, reload(second).result
    assert attempt == 2
    assert key.startswith(str(first.pk))
    assert key != other
