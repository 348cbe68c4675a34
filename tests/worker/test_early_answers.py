"""5. No answer precedes its wait: what comes before its question is kept and used once, also when its
delivery fails."""

import pytest

from flows.models import Event, Interrupt, Message, Response
from flows.services import early, errors, executions
from flows.store import crash
from tests.durable import reload, until, work, working

pytestmark = pytest.mark.django_db(transaction=True)
QUESTION = {"type": "webhook", "interrupt_id": "bank", "response_schema": {"type": "integer"}}


def started():
    return executions.start(flow="ask", input=QUESTION)


def test_an_answer_before_the_question_is_used_once_it_is_asked():
    execution = started()
    assert early.answer(execution_id=execution.pk, key="bank", answer=5, request_id="r") is None
    assert early.answer(execution_id=execution.pk, key="bank", answer=5, request_id="r") is None
    work()
    assert (reload(execution).status, reload(execution).result) == ("completed", 5)
    assert (Response.objects.get().door, Response.objects.get().request_id) == ("webhook", "r")
    assert not Message.objects.exists()
    again = early.answer(execution_id=execution.pk, key="bank", answer=5, request_id="r")
    assert again == Response.objects.get()


def test_an_answer_after_the_question_is_an_ordinary_one():
    execution = started()
    work()
    assert early.answer(execution_id=execution.pk, key="bank", answer=7).value == 7
    work()
    assert reload(execution).result == 7


def test_a_second_answer_is_refused_while_one_is_kept():
    execution = started()
    early.answer(execution_id=execution.pk, key="bank", answer=5)
    with pytest.raises(errors.Conflict, match="kept already"):
        early.answer(execution_id=execution.pk, key="bank", answer=6)


def test_an_answer_that_does_not_fit_is_refused_and_the_question_waits():
    execution = started()
    early.answer(execution_id=execution.pk, key="bank", answer="five")
    work()
    assert reload(execution).status == "waiting"
    assert Interrupt.objects.get().status == "waiting"
    refused = Event.objects.get(kind="answer.refused")
    assert "whole number" in refused.detail["reason"]
    assert early.answer(execution_id=execution.pk, key="bank", answer=5)
    work()
    assert reload(execution).result == 5


def test_an_ended_execution_keeps_nothing():
    execution = started()
    executions.cancel(execution_id=execution.pk, reason="enough")
    with pytest.raises(errors.Conflict, match="ended"):
        early.answer(execution_id=execution.pk, key="bank", answer=5)


def test_it_comes_while_the_worker_asks():
    """Many at once, so that some come before the commit of their question and some after it."""
    with working(concurrency=4):
        for number in range(30):
            execution = started()
            early.answer(execution_id=execution.pk, key="bank", answer=number)
        until(lambda: reload(execution).status == "completed")
        until(lambda: not Message.objects.exists())
    assert sorted(response.value for response in Response.objects.all()) == list(range(30))


def test_an_answer_whose_delivery_failed_is_delivered_a_little_later():
    execution = started()
    early.answer(execution_id=execution.pk, key="bank", answer=5)
    crash.arm("early.taken:1:raise")
    try:
        with working():
            until(lambda: reload(execution).status == "completed")
    finally:
        crash.arm("")
    assert Response.objects.count() == 1
