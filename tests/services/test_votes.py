"""Several people have to approve: distinct ones, stage by stage, and each can take it back in time."""

import pytest

from flows.models import Event, Response, Vote
from flows.services import errors, interrupts
from tests.durable import Threads, ask, intact, reload, until, work, working

pytestmark = pytest.mark.django_db(transaction=True)
YES, NO = {"approved": True}, {"approved": False}
TWO = {"users": ["fiona", "leo", "admin"], "quorum": 2}
STAGES = {"stages": [{"name": "Money", "groups": ["Finance"]}, {"name": "Law", "groups": ["Legal"]}]}


def approve(interrupt, by, **more):
    return interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=by, **more)


def test_a_quorum_takes_distinct_people_and_the_flow_is_told_of_all(fiona, leo):
    interrupt = ask(policy=TWO)
    assert isinstance(approve(interrupt, fiona), Vote)
    work()
    assert reload(interrupt.execution).status == "waiting"
    with pytest.raises(errors.AlreadyVoted, match="one more person of fiona, leo, admin"):
        approve(interrupt, fiona)
    approve(interrupt, leo)
    work()
    assert reload(interrupt.execution).status == "completed"
    assert Response.objects.get().by == leo
    kinds = list(Event.objects.filter(interrupt=interrupt).order_by("id").values_list("kind", flat=True))
    assert kinds == ["interrupt.opened", "interrupt.voted", "interrupt.voted", "interrupt.answered"]
    intact()


def test_who_has_approved_finds_it_no_longer_in_the_inbox(fiona, leo):
    interrupt = ask(policy=TWO)
    approve(interrupt, fiona)
    assert not interrupts.open_for(fiona).exists()
    assert interrupts.open_for(leo).get() == interrupt


def test_one_rejection_is_the_answer(fiona, leo):
    interrupt = ask(policy=TWO)
    approve(interrupt, fiona)
    interrupts.decide(interrupt_id=interrupt.pk, answer=NO, by=leo)
    work()
    assert reload(interrupt.execution).result["approved"] is False
    intact()


def test_stages_follow_each_other(fiona, leo):
    interrupt = ask(policy=STAGES)
    with pytest.raises(errors.NotFound):
        approve(interrupt, leo)
    approve(interrupt, fiona)
    assert not interrupts.open_for(fiona).exists()
    with pytest.raises(errors.NotAllowed, match="now it is for Legal"):
        approve(interrupt, fiona)
    assert interrupts.open_for(leo).get() == interrupt
    approve(interrupt, leo)
    work()
    assert reload(interrupt.execution).status == "completed"
    intact()


def test_a_stranger_to_all_stages_finds_nothing(fiona, stranger):
    interrupt = ask(policy=STAGES)
    approve(interrupt, fiona)
    with pytest.raises(errors.NotFound):
        approve(interrupt, stranger)


def test_the_requester_cannot_be_one_of_several(rita, fiona, leo):
    interrupt = ask(rita, policy={"users": ["rita", "fiona", "leo"], "quorum": 2})
    approve(interrupt, fiona)
    with pytest.raises(errors.NotAllowed, match="started this yourself"):
        approve(interrupt, rita)


def test_a_vote_counts_when_it_can_no_longer_be_taken_back(fiona, leo):
    interrupt = ask(policy=TWO, undo_seconds=0.3)
    with working():
        approve(interrupt, fiona, door="browser")
        approve(interrupt, leo, door="browser")
        assert reload(interrupt.execution).status == "waiting"
        until(lambda: reload(interrupt.execution).status == "completed")
    assert Response.objects.get().created_at >= max(vote.effective_at for vote in Vote.objects.all())
    intact()


def test_a_vote_that_can_be_taken_back_does_not_count_yet(fiona, leo):
    interrupt = ask(policy=TWO, undo_seconds=60)
    approve(interrupt, fiona, door="browser")
    approve(interrupt, leo)
    work()
    assert reload(interrupt.execution).status == "waiting"
    assert not Response.objects.exists()
    intact()


def test_a_vote_taken_back_does_not_count(fiona, leo, admin):
    interrupt = ask(policy=TWO, undo_seconds=60)
    approve(interrupt, fiona, door="browser")
    interrupts.undo(interrupt_id=interrupt.pk, by=fiona, door="browser")
    approve(interrupt, leo)
    work()
    assert reload(interrupt.execution).status == "waiting"
    assert interrupts.open_for(fiona).get() == interrupt
    approve(interrupt, admin)
    work()
    assert reload(interrupt.execution).status == "completed"
    intact()


def test_a_vote_that_counts_cannot_be_taken_back(fiona):
    interrupt = ask(policy=TWO)
    approve(interrupt, fiona)
    with pytest.raises(errors.TooLate):
        interrupts.undo(interrupt_id=interrupt.pk, by=fiona)


def test_the_same_request_gives_the_same_vote(fiona):
    interrupt = ask(policy=TWO)
    first = approve(interrupt, fiona, request_id="once")
    assert approve(interrupt, fiona, request_id="once") == first
    with pytest.raises(errors.RequestReused):
        interrupts.decide(
            interrupt_id=interrupt.pk, answer=YES | {"comment": "other"}, by=fiona, request_id="once"
        )
    assert Vote.objects.count() == 1


def test_of_three_who_approve_at_once_two_are_the_answer(fiona, leo, admin):
    interrupt = ask(policy=TWO)
    told = Threads([lambda who=who: approve(interrupt, who) for who in (fiona, leo, admin)]).run()
    assert sum(isinstance(one, Vote) for one in told) == 2
    assert sum(isinstance(one, errors.AlreadyClosed) for one in told) == 1
    work()
    assert reload(interrupt.execution).status == "completed"
    assert Event.objects.filter(kind="interrupt.answered").count() == 1
    intact()


@pytest.mark.parametrize(
    "policy",
    [
        {"quorum": 0},
        {"quorum": True},
        {"users": ["fiona"], "quorum": 2},
        {"stages": []},
        {"stages": [{"groups": ["Finance"]}], "users": ["fiona"]},
        {"stages": [{"people": ["fiona"]}]},
    ],
)
def test_a_policy_that_nobody_could_keep_is_refused_where_it_is_written(policy):
    from flows import TriggerFlow

    flow = TriggerFlow(name="asks")

    @flow.chunk
    def asks(data):
        return data.pause_for(type="approval", policy=policy)

    flow.to(asks)
    with pytest.raises(ValueError, match="policy"):
        flow.create_execution().start(None)
