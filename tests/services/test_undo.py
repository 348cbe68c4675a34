"""An answer can be taken back until it takes effect."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from approvals_site import settings as site_settings
from flows import conf
from flows.models import Execution, Interrupt, Message, Response
from flows.services import errors, executions, interrupts
from tests.durable import Threads, ask, intact, reload, until, work, working
from tests.flows_for_tests import flows

pytestmark = pytest.mark.django_db(transaction=True)
YES = {"approved": True}


def answered(by, **options) -> Interrupt:
    interrupt = ask(**options)
    interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=by, door="browser")
    return interrupt


def test_the_flow_goes_on_when_the_time_to_undo_is_over(fiona):
    interrupt = answered(fiona, undo_seconds=0.3)
    response = Response.objects.get()
    with working():
        until(lambda: reload(interrupt.execution).status == "completed")
    assert reload(interrupt.execution).finished_at >= response.effective_at
    with pytest.raises(errors.TooLate):
        interrupts.undo(interrupt_id=interrupt.pk, by=fiona)


def test_an_answer_taken_back_leaves_the_question_as_it_was(fiona):
    interrupt = answered(fiona, undo_seconds=60)
    work()
    assert reload(interrupt.execution).status == "waiting"
    interrupts.undo(interrupt_id=interrupt.pk, by=fiona, door="browser")
    work()
    assert not Message.objects.exists()
    assert not Response.objects.exists()
    assert interrupts.open_for(fiona).get() == interrupt
    kinds = [event.kind for event in interrupt.events.order_by("id")]
    assert kinds == ["interrupt.opened", "interrupt.answered", "interrupt.undone"]
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": False}, by=fiona)
    work()
    assert reload(interrupt.execution).result["approved"] is False


def test_only_who_gave_it_can_take_it_back(fiona, rita):
    interrupt = answered(fiona, undo_seconds=60)
    with pytest.raises(errors.NotAllowed):
        interrupts.undo(interrupt_id=interrupt.pk, by=rita)
    with pytest.raises(errors.NotFound):
        interrupts.undo(interrupt_id=ask().pk, by=fiona)


@pytest.mark.parametrize("own, seconds", [(None, 60), (0, 0), (7, 7)])
def test_the_browser_gives_the_sites_time_unless_the_author_gives_another(fiona, settings, own, seconds):
    settings.FLOWS_UNDO_SECONDS = 60.0
    answered(fiona, **{} if own is None else {"undo_seconds": own})
    response = Response.objects.get()
    given = response.effective_at - response.created_at if response.effective_at else timedelta(0)
    assert given == timedelta(seconds=seconds)


def test_the_browser_gives_five_seconds_by_default():
    assert site_settings.FLOWS_UNDO_SECONDS == conf.SETTINGS["FLOWS_UNDO_SECONDS"].default == 5


def test_code_and_commands_do_not_wait(fiona):
    interrupt = ask(undo_seconds=60)
    interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=fiona, door="command")
    work()
    assert reload(interrupt.execution).status == "completed"


def test_a_question_that_was_answered_in_time_does_not_expire(fiona):
    """Its answer takes effect after its time is over."""
    interrupt = answered(fiona, undo_seconds=2.5, expires_in=2, on_expire={"approved": False})
    with working():
        until(lambda: reload(interrupt.execution).status == "completed")
    assert reload(interrupt.execution).result["approved"] is True


def test_undo_against_the_worker_leaves_one_of_both(fiona):
    for _ in range(10):
        interrupt = answered(fiona, undo_seconds=0.05)
        due = Execution.objects.filter(pk=interrupt.execution_id, wake_at__lte=Now())
        until(due.exists)
        undone, _ = Threads([lambda i=interrupt: interrupts.undo(interrupt_id=i.pk, by=fiona), work]).run()
        work()
        took_effect = reload(interrupt.execution).status == "completed"
        assert took_effect is isinstance(undone, errors.TooLate)
        assert took_effect is Response.objects.filter(interrupt=interrupt).exists()


def test_taken_back_after_its_execution_has_failed_the_question_is_on_hold(fiona):
    gate = flows.gates["stumble"] = flows.Gate()
    flows.broken.add("stumble")
    try:
        with working():
            execution = executions.start(flow="stumbling", input=None)
            interrupt = until(lambda: Interrupt.objects.first())
            interrupts.decide(interrupt_id=interrupt.pk, answer="Fiona", by=fiona, door="browser")
            gate.open.set()
            until(lambda: reload(execution).status == "failed")
    finally:
        flows.broken.clear()
        flows.gates.clear()
    interrupts.undo(interrupt_id=interrupt.pk, by=fiona)
    assert Interrupt.objects.get().status == "suspended"
    intact()


def test_an_answer_whose_rival_is_taken_back_meanwhile_counts(monkeypatch, fiona):
    """It lost, and by the time it asks to whom the question waits again."""
    interrupt, write = ask(undo_seconds=60), interrupts.answers.answer
    interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=fiona, door="browser")
    seen_before = Interrupt.objects.get(pk=interrupt.pk)
    seen_before.status = "waiting"
    rows = [seen_before]

    def lose(answer, origin):
        lost = write(answer, origin)
        if lost is None:
            interrupts.undo(interrupt_id=interrupt.pk, by=fiona)
        return lost

    find = interrupts.find
    monkeypatch.setattr(interrupts, "find", lambda *of: rows.pop() if rows else find(*of))
    monkeypatch.setattr(interrupts.answers, "answer", lose)
    response = interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": False})
    assert (response.value["approved"], response.by, Response.objects.count()) == (False, None, 1)
    intact()
