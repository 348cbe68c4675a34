"""An answer is one statement: what it sees and does when it had to wait for a worker's commit."""

import threading

import pytest
from django.db import connections, transaction

from flows.models import Event, Execution, Interrupt, Message, Response
from flows.services import errors, executions, interrupts
from flows.store import commits, queue
from tests.durable import ask, somebody_waits_for_a_lock, until

pytestmark = pytest.mark.django_db(transaction=True)


def answered_during_a_commit(interrupt: Interrupt, **changes: object) -> object:
    """What `decide` gives when a worker's commit with these `changes` is just then not yet complete."""
    Execution.objects.update(wake_at="2020-01-01T00:00:00Z")
    (claim,) = queue.claim(queue.Claimer("me", 30.0), limit=1)
    row = {"id": claim.id, "epoch": claim.epoch, "message_seq": claim.message_seq, "status": "waiting"}
    result: list[object] = []
    answering = threading.Thread(target=lambda: result.append(answer(interrupt)))
    with transaction.atomic():
        commits.commit([commits.Commit(**row | changes)], owner="me")
        answering.start()
        until(somebody_waits_for_a_lock)
    answering.join(20)
    return result[0]


def answer(interrupt: Interrupt) -> object:
    try:
        return interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
    except errors.AlreadyClosed as error:
        return error
    finally:
        connections.close_all()


def test_it_wakes_what_the_commit_has_parked():
    response = answered_during_a_commit(ask())
    execution = Execution.objects.get()
    assert isinstance(response, Response)
    assert (execution.message_seq, execution.lease_owner, execution.epoch) == (1, None, 4)
    assert execution.wake_at is not None
    assert Message.objects.count() == 1


def test_it_is_refused_when_the_commit_has_closed_the_question():
    interrupt = ask()
    refusal = answered_during_a_commit(interrupt, closed=[(interrupt.key, "Gone on.")])
    execution = Execution.objects.get()
    assert isinstance(refusal, errors.AlreadyClosed)
    assert refusal.status == "cancelled"
    assert (execution.message_seq, execution.wake_at) == (0, None)
    assert not Response.objects.exists()
    assert not Message.objects.exists()
    assert not Event.objects.filter(kind="interrupt.answered").exists()


def test_what_decide_returns_is_what_is_stored(fiona):
    interrupt = ask()
    answered = interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True}, by=fiona)
    stored = Response.objects.get()
    assert fields(answered) == fields(stored)
    assert fields(answered.interrupt) == fields(stored.interrupt)


def test_what_start_returns_is_what_is_stored(fiona):
    for by in (None, fiona):
        started = executions.start(flow="ask", input={"a": 1}, by=by, request_id=str(by))
        stored = Execution.objects.get(pk=started.pk)
        assert fields(started) == fields(stored)
        assert started.requester == stored.requester


def fields(row: object) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
