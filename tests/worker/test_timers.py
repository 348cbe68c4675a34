"""9. A timer fires at most once, not early by PostgreSQL's clock, and not lost with the workers."""

import pytest
from django.db.models.functions import Now

from flows.models import Event, Execution, Interrupt, Response
from flows.services import errors, executions, interrupts
from tests.durable import Threads, ask, reload, until, work, working
from tests.flows_for_tests import flows

pytestmark = pytest.mark.django_db(transaction=True)
NO = {"approved": False}


def kinds(interrupt: Interrupt) -> list[str]:
    return [event.kind.removeprefix("interrupt.") for event in interrupt.events.order_by("id")]


def is_due(interrupt: Interrupt) -> bool:
    return Execution.objects.filter(pk=interrupt.execution_id, wake_at__lte=Now()).exists()


def test_an_expired_question_is_answered_as_its_author_said():
    with working():
        execution = executions.start(flow="ask", input={"expires_in": 0.3, "on_expire": NO})
        until(lambda: reload(execution).status == "completed")
    interrupt = Interrupt.objects.get()
    response = Response.objects.get()
    assert reload(execution).result == {"approved": False, "action": "reject", "comment": None, "data": {}}
    assert (interrupt.status, response.door, response.by) == ("expired", "timer", None)
    assert kinds(interrupt) == ["opened", "expired"]
    assert interrupt.expires_at <= interrupt.closed_at
    assert (interrupt.expires_at - interrupt.created_at).total_seconds() == pytest.approx(0.3, abs=0.2)


def test_an_expired_question_may_cancel_its_execution():
    interrupt = ask(expires_in=0.1, on_expire="cancel", payload={"title": "Ship it?"})
    with working():
        until(lambda: reload(interrupt.execution).status == "cancelled")
    assert kinds(interrupt) == ["opened", "expired"]
    cancelled = Event.objects.get(kind="execution.cancelled")
    assert (cancelled.door, cancelled.detail["reason"]) == ("timer", "Nobody answered “Ship it?” in time.")


def test_an_expired_question_may_fail_its_chunk_and_a_retry_asks_again():
    interrupt = ask(expires_in=0.1, on_expire="fail", interrupt_id="sign")
    with working():
        until(lambda: reload(interrupt.execution).status == "failed")
        failed = reload(interrupt.execution)
        assert (failed.error["step"], failed.error["type"]) == ("ask", "InterruptExpired")
        executions.retry(execution_id=failed.pk)
        until(lambda: Interrupt.objects.filter(key="sign").count() == 2)
    assert kinds(interrupt) == ["opened", "expired"]


def test_reminders_and_the_due_date_come_once_each_and_not_early():
    interrupt = ask(remind_after=[0.1, 0.2], due_in=0.3)
    with working():
        until(lambda: "overdue" in kinds(interrupt))
    assert kinds(interrupt) == ["opened", "reminded", "reminded", "overdue"]
    overdue = interrupt.events.get(kind="interrupt.overdue")
    assert overdue.created_at >= interrupt.due_at
    assert reload(interrupt.execution).wake_at is None
    assert interrupts.open_for(None).get() == interrupt


def test_a_timer_waits_for_a_worker():
    interrupt = ask(expires_in=0.1, on_expire=NO)
    until(lambda: is_due(interrupt))
    assert reload(interrupt.execution).status == "waiting"
    with pytest.raises(errors.AlreadyClosed, match="expired") as refused:
        interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
    assert refused.value.status == "expired"
    work()
    assert reload(interrupt.execution).status == "completed"
    assert work().counts.claimed == 0


def test_of_two_workers_one_fires_each_timer():
    with working(concurrency=4), working(concurrency=4):
        options = {"expires_in": 0.2, "on_expire": NO, "remind_after": 0.1}
        started = [executions.start(flow="ask", input=options).pk for _ in range(30)]
        until(lambda: Execution.objects.filter(status="completed").count() == 30)
    for kind in ("interrupt.reminded", "interrupt.expired", "execution.completed"):
        assert sorted(Event.objects.filter(kind=kind).values_list("execution_id", flat=True)) == sorted(
            started
        )


def test_an_answer_in_time_ends_the_timers():
    interrupt = ask(remind_after=1000, expires_in=2000, on_expire=NO)
    assert reload(interrupt.execution).wake_at is not None
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
    work()
    assert reload(interrupt.execution).wake_at is None
    assert kinds(interrupt) == ["opened", "answered"]


def test_answer_against_expiry_leaves_one_of_both():
    from flows.services import timers

    for _ in range(10):
        interrupt = ask(expires_in=0.05, on_expire=NO)
        until(
            lambda interrupt=interrupt: Interrupt.objects.filter(
                pk=interrupt.pk, expires_at__lte=Now()
            ).exists()
        )
        Interrupt.objects.filter(pk=interrupt.pk).update(expires_at=Now())
        Threads(
            [
                lambda i=interrupt: interrupts.decide(interrupt_id=i.pk, answer={"approved": True}),
                lambda i=interrupt: timers.expire(execution_id=i.execution_id, key=i.key),
            ]
        ).run()
        work()
        assert Response.objects.filter(interrupt=interrupt).count() == 1
        assert len(kinds(interrupt)) == 2
        assert reload(interrupt.execution).status == "completed"


def test_a_wrong_on_expire_fails_the_chunk_that_gave_it():
    execution = executions.start(flow="ask", input={"expires_in": 60, "on_expire": {"approved": "maybe"}})
    work()
    assert "on_expire" in reload(execution).error["message"]


def test_a_retry_waits_without_a_slot():
    execution = executions.start(flow="later", input=None)
    work()
    waiting = reload(execution)
    assert (waiting.status, waiting.lease_owner) == ("running", None)
    assert 0 < (waiting.wake_at - waiting.updated_at).total_seconds() <= 0.3 * 1.25 + 0.1
    with working(concurrency=1):
        until(lambda: reload(execution).status == "completed")
    assert reload(execution).result == 2
    done = Event.objects.get(kind="execution.completed", execution=execution)
    assert done.created_at >= waiting.wake_at


def test_a_failed_executions_timers_rest_until_the_retry():
    execution = executions.start(flow="beside", input="slow")
    flows.gates["slow"] = flows.Gate()
    flows.gates["slow"].open.set()
    work()
    interrupt = Interrupt.objects.get()
    Execution.objects.filter(pk=execution.pk).update(snapshot="broken", wake_at=Now())
    work()
    assert (reload(execution).wake_at, Interrupt.objects.get().status) == (None, "suspended")
    assert kinds(interrupt) == ["opened", "suspended"]
