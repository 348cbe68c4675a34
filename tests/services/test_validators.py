"""The author's own check of an answer runs before it is accepted, whichever way it comes."""

import pytest
from django.db import connection

from flows import TriggerFlow, register
from flows.models import Event, Interrupt, Response
from flows.registry import BadValidator
from flows.services import early, errors, executions, interrupts
from tests.durable import intact, reload, until, work, working
from tests.flows_for_tests import judged

pytestmark = pytest.mark.django_db(transaction=True)
DOORS = ["browser", "command", "admin", "code", "webhook"]


def asked(flow, **options) -> Interrupt:
    execution = executions.start(flow=flow, input=options)
    work()
    return Interrupt.objects.get(execution=execution)


def problems(interrupt, answer, **how):
    with pytest.raises(errors.InvalidAnswer) as refusal:
        interrupts.decide(interrupt_id=interrupt.pk, answer=answer, **how)
    interrupt.refresh_from_db()
    assert interrupt.is_waiting
    assert not Response.objects.exists()
    return [(problem.path, problem.message) for problem in refusal.value.problems]


@pytest.mark.parametrize("door", DOORS)
def test_every_door_asks_the_authors_function(door):
    interrupt = asked("judged by a function")
    assert problems(interrupt, "plain", door=door) == [(("letters", 0), "Too plain.")]
    assert problems(interrupt, "raise", door=door) == [((), "Not that word.")]
    interrupts.decide(interrupt_id=interrupt.pk, answer="rare", door=door)
    work()
    assert reload(interrupt.execution).result == "rare"


@pytest.mark.parametrize("answer", ["bug", "odd"])
def test_a_check_that_fails_refuses_in_words_and_is_logged(answer, caplog):
    interrupt = asked("judged by a function")
    [(path, message)] = problems(interrupt, answer)
    assert path == ()
    assert "own check" in message
    assert "dictionary" not in message
    assert "The validator of “ask_word”" in caplog.text


def test_the_check_is_told_what_was_asked_and_by_whom_it_is_answered(fiona):
    interrupt = asked("judged by a function", policy={"groups": ["Finance"]})
    judged.seen.clear()
    interrupts.decide(interrupt_id=interrupt.pk, answer="rare", by=fiona)
    (told,) = judged.seen
    assert (told.by, told.step, told.payload) == ("fiona", "ask_word", {"title": "A word"})


def test_a_model_judges_the_data_of_an_approval_and_nothing_when_it_is_rejected():
    interrupt = asked("judged by a model", type="approval")
    odd = {"approved": True, "data": {"amount": 3}}
    assert problems(interrupt, odd) == [(("data", "amount"), "Only even amounts are paid.")]
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": False})
    work()
    assert reload(interrupt.execution).result["approved"] is False


def test_a_model_judges_the_whole_of_any_other_answer():
    interrupt = asked("judged by a model", type="human_input")
    assert problems(interrupt, {"amount": 5}) == [(("amount",), "Only even amounts are paid.")]
    interrupts.decide(interrupt_id=interrupt.pk, answer={"amount": 6})


def test_no_row_is_locked_while_the_check_runs(fiona, monkeypatch):
    interrupt = asked("judged by a function", policy={"groups": ["Finance"]})
    inside = []
    monkeypatch.setattr(judged, "seen", inside_of_a_transaction := Spy(inside))
    interrupts.decide(interrupt_id=interrupt.pk, answer="rare", by=fiona, door="browser")
    assert inside == [False]
    assert inside_of_a_transaction.calls == 1


class Spy:
    def __init__(self, told):
        self.told, self.calls = told, 0

    def append(self, _asked):
        self.calls += 1
        self.told.append(connection.in_atomic_block)


def test_what_the_author_wrote_for_the_end_of_its_time_is_not_judged():
    interrupt = asked("judged by a function", expires_in=0.1, on_expire="bug")
    with working():
        until(lambda: reload(interrupt.execution).status == "completed")
    assert reload(interrupt.execution).result == "bug"
    intact()


@pytest.mark.parametrize("word, status", [("rare", "completed"), ("plain", "waiting")])
def test_an_answer_that_came_before_its_question_is_judged_too_without_a_lock(word, status, monkeypatch):
    inside: list[bool] = []
    monkeypatch.setattr(judged, "seen", Spy(inside))
    execution = executions.start(flow="judged by a function", input={"interrupt_id": "word"})
    early.answer(execution_id=execution.pk, key="word", answer=word)
    work()
    assert reload(execution).status == status
    assert inside == [False]
    assert Event.objects.filter(kind="answer.refused").exists() is (word == "plain")
    intact()


async def coroutine(answer, asked):
    return None


@pytest.mark.parametrize("validators", [{"nowhere": len}, {"ask": coroutine}, {"ask": 5}, {"ask": int}])
def test_a_validator_that_could_never_judge_is_a_mistake_when_it_is_registered(validators):
    flow = TriggerFlow(name="never registered")
    flow.to(flow.chunk("ask")(lambda data: data.pause_for()))
    with pytest.raises(BadValidator):
        register(flow, validators=validators)
