"""The one door: who may answer, once, and what everybody else is told."""

import uuid

import pytest

from flows.models import Event, Message, Response
from flows.services import errors, interrupts
from tests.durable import ask, reload, work

pytestmark = pytest.mark.django_db(transaction=True)
YES = {"approved": True}


def test_the_answer_reaches_the_flow(rita, fiona):
    interrupt = ask(rita)
    interrupts.decide(interrupt_id=interrupt.pk, answer=YES | {"comment": "Fine"}, by=fiona, door="browser")
    work()
    execution = reload(interrupt.execution)
    assert execution.status == "completed"
    assert execution.result == {"approved": True, "action": "approve", "comment": "Fine", "data": {}}
    assert not Message.objects.exists()


def test_the_answer_leaves_one_row_of_each_kind(rita, fiona):
    interrupt = ask(rita)
    response = interrupts.decide(
        interrupt_id=str(interrupt.pk), answer=YES, by=fiona, door="browser", address="10.0.0.7"
    )
    assert (response.by, response.door, response.digest) == (fiona, "browser", interrupt.digest)
    event = Event.objects.get(kind="interrupt.answered")
    assert (event.actor, event.door, event.address) == (fiona, "browser", "10.0.0.7")
    assert Message.objects.count() == Response.objects.count() == 1


def test_second_answer_is_told_who_when_and_what(rita, fiona, leo):
    interrupt = ask(rita)
    first = interrupts.decide(interrupt_id=interrupt.pk, answer=YES | {"comment": "Fine"}, by=fiona)
    with pytest.raises(errors.AlreadyClosed) as refusal:
        interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": False}, by=leo)
    assert refusal.value.response == first
    assert (refusal.value.by, refusal.value.status) == (fiona, "answered")
    assert refusal.value.at == reload_interrupt(interrupt).closed_at
    assert "Fiona answered this already" in refusal.value.message
    assert "approved, “Fine”" in refusal.value.message


def test_an_answer_that_does_not_fit_is_still_told_that_it_is_too_late(rita, fiona):
    interrupt = ask(rita)
    interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=fiona)
    with pytest.raises(errors.AlreadyClosed):
        interrupts.decide(interrupt_id=interrupt.pk, answer="nonsense", by=fiona)


def test_the_requester_cannot_answer_but_may_know(rita):
    interrupt = ask(rita)
    with pytest.raises(errors.NotAllowed):
        interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=rita)


def test_the_requester_may_answer_when_the_policy_says_so(admin):
    interrupt = ask(admin, policy={"exclude_requester": False})
    assert interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=admin).by == admin


@pytest.mark.parametrize("policy", [{"groups": ["Legal"]}, {"users": ["leo"]}])
def test_others_than_those_named_find_nothing(policy, rita, fiona, leo):
    interrupt = ask(rita, policy=policy)
    with pytest.raises(errors.NotFound):
        interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=fiona)
    assert interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=leo).by == leo


def test_a_stranger_finds_nothing(rita, stranger):
    interrupt = ask(rita)
    with pytest.raises(errors.NotFound):
        interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=stranger)


def test_rights_count_as_they_are_now(rita, fiona):
    interrupt = ask(rita)
    assert fiona.has_perm("flows.respond_interrupt")  # and her object remembers it
    fiona.groups.clear()
    with pytest.raises(errors.NotFound):
        interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=fiona)


def test_a_closed_account_cannot_answer(rita, fiona):
    interrupt = ask(rita)
    type(fiona).objects.filter(pk=fiona.pk).update(is_active=False)
    with pytest.raises(errors.NotAllowed):
        interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=fiona)


def test_a_question_that_was_not_shown_cannot_be_answered(rita, fiona):
    interrupt = ask(rita)
    with pytest.raises(errors.StaleQuestion):
        interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=fiona, digest="0" * 64)
    assert interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=fiona, digest=interrupt.digest)


@pytest.mark.parametrize("id", [uuid.uuid4(), "nonsense", "", "\0", "\ud800"])
def test_an_id_that_is_none_is_not_found(id, fiona):
    with pytest.raises(errors.NotFound):
        interrupts.decide(interrupt_id=id, answer=YES, by=fiona)


def test_a_repeated_request_gets_the_first_result(rita, fiona):
    interrupt = ask(rita)
    first = interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=fiona, request_id="r1")
    again = interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=fiona, request_id="r1")
    assert again == first
    assert Event.objects.filter(kind="interrupt.answered").count() == 1


def test_a_request_id_with_another_answer_is_refused(rita, fiona):
    interrupt = ask(rita)
    interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=fiona, request_id="r1")
    with pytest.raises(errors.RequestReused):
        interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": False}, by=fiona, request_id="r1")


def test_the_request_id_of_somebody_else_is_worth_nothing(rita, fiona, leo):
    interrupt = ask(rita)
    interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=fiona, request_id="r1")
    with pytest.raises(errors.AlreadyClosed):
        interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=leo, request_id="r1")


@pytest.mark.parametrize("argument", ["request_id", "address"])
@pytest.mark.parametrize("value", ["a\0b", "\ud800", "x" * 501, 7])
def test_an_argument_that_cannot_be_stored_is_refused(argument, value, rita, fiona):
    interrupt = ask(rita)
    with pytest.raises(errors.InvalidInput) as refusal:
        interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=fiona, **{argument: value})
    assert refusal.value.problems[0].path == (argument,)


def reload_interrupt(interrupt):
    return type(interrupt).objects.get(pk=interrupt.pk)
