"""What is typed is kept for its writer alone, and newer typing is never overwritten."""

import pytest

from flows.models import Draft, Response
from flows.services import drafts, errors, interrupts
from flows.services.drafts import Typed
from tests.durable import Threads, ask, work

pytestmark = pytest.mark.django_db(transaction=True)
YES = {"approved": True}


def kept(user, interrupt):
    draft = drafts.of(user, interrupt)
    return draft and draft.data["comment"]


def save(user, interrupt, text, form="one", version=0):
    typed = Typed({"comment": [text]}, form, version)
    return drafts.save(interrupt_id=interrupt.pk, user=user, typed=typed)


def test_each_person_has_one_for_each_question(fiona, leo):
    one, other = ask(), ask()
    save(fiona, one, "a")
    save(fiona, one, "b")
    save(leo, one, "c")
    assert (kept(fiona, one), kept(leo, one), kept(fiona, other)) == (["b"], ["c"], None)


def test_a_form_that_began_earlier_does_not_overwrite_what_is_newer(fiona):
    interrupt = ask()
    first = save(fiona, interrupt, "on the train", form="phone")
    save(fiona, interrupt, "at the desk", form="desk", version=first.version)
    with pytest.raises(drafts.NewerDraft) as refusal:
        save(fiona, interrupt, "still on the train", form="phone", version=0)
    assert refusal.value.draft.data == {"comment": ["at the desk"]}
    assert kept(fiona, interrupt) == ["at the desk"]


def test_of_two_forms_that_write_at_once_one_is_told(fiona):
    interrupt = ask()
    writes = [lambda f=f: save(fiona, interrupt, f, form=f) for f in ("phone", "desk")]
    results = Threads(writes).run()
    assert sum(isinstance(result, drafts.NewerDraft) for result in results) == 1
    (won,) = (result for result in results if isinstance(result, Draft))
    assert kept(fiona, interrupt) == [won.form]


def test_only_an_open_question_that_one_may_see_takes_one(fiona, stranger):
    interrupt = ask(policy={"groups": ["Finance"]})
    with pytest.raises(errors.NotFound):
        save(stranger, interrupt, "x")
    interrupts.decide(interrupt_id=interrupt.pk, answer=YES)
    with pytest.raises(errors.NotFound):
        save(fiona, interrupt, "x")


def test_it_is_bounded_and_takes_any_characters(fiona):
    interrupt = ask()
    save(fiona, interrupt, "a\0b\ud800")
    assert kept(fiona, interrupt) == ["a\\x00b\\ud800"]
    with pytest.raises(drafts.TooLarge):
        save(fiona, interrupt, "x" * 600_000)


def test_an_answer_takes_it_along_unless_it_can_be_taken_back(fiona):
    done, undoable = ask(), ask(undo_seconds=60)
    typed = Typed({"comment": ["c"]}, "one")
    for interrupt in (done, undoable):
        save(fiona, interrupt, "c")
        response = interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=fiona, door="browser")
        drafts.settle(response=response, user=fiona, typed=typed)
    assert (kept(fiona, done), kept(fiona, undoable)) == (None, ["c"])


def test_what_could_be_taken_back_goes_with_the_next_answer_after_that(fiona, leo):
    first, second = ask(undo_seconds=60), ask()
    save(leo, first, "of Leo")
    response = interrupts.decide(interrupt_id=first.pk, answer=YES, by=fiona, door="browser")
    drafts.settle(response=response, user=fiona, typed=Typed({}, "one"))
    Response.objects.filter(pk=response.pk).update(effective_at=response.created_at)
    work()
    response = interrupts.decide(interrupt_id=second.pk, answer=YES, by=fiona)
    drafts.settle(response=response, user=fiona, typed=Typed({}, "two"))
    assert [draft.user for draft in Draft.objects.all()] == [leo]


def test_a_form_that_was_still_saving_does_not_bring_back_what_was_discarded(fiona):
    interrupt = ask()
    save(fiona, interrupt, "nonsense")
    drafts.discard(interrupt_id=interrupt.pk, user=fiona)
    with pytest.raises(drafts.NewerDraft):
        save(fiona, interrupt, "nonsense, still")
    empty = drafts.of(fiona, interrupt)
    assert empty.data == {}
    save(fiona, interrupt, "sense", form="two", version=empty.version)
    assert kept(fiona, interrupt) == ["sense"]
