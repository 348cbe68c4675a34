"""The commit of a batch: all of an execution's changes or none, and nothing for who has lost it."""

import threading
import uuid

import pytest
from django.db import connections, transaction

from flows.models import Event, Execution, Interrupt, Message
from flows.services import executions
from flows.store import answers, commits, doors, queue
from tests.durable import somebody_waits_for_a_lock, until

pytestmark = pytest.mark.django_db(transaction=True)


def claimed(count=1) -> list[queue.Claim]:
    for _ in range(count):
        executions.start(flow="ask", input={})
    return sorted(queue.claim(queue.Claimer("me", 30.0), limit=count), key=lambda c: c.id)


def row(claim, **changes) -> commits.Commit:
    base = {"id": claim.id, "epoch": claim.epoch, "message_seq": claim.message_seq, "status": "waiting"}
    return commits.Commit(**base | {"snapshot": "{}"} | changes)


def opened(key="k", **changes) -> commits.Opened:
    base = dict.fromkeys(("payload", "response_schema", "initial", "policy", "excluded_id"))
    base |= {"id": uuid.uuid4(), "key": key, "flow": "ask", "step": "s", "type": "approval", "title": "T"}
    return commits.Opened(**base | {"audience": ["*", 'g:Ünïcode, "quoted"'], "digest": "d"} | changes)


def commit(*batch):
    return commits.commit(batch, owner="me")


def test_a_commit_writes_everything_and_parks():
    (claim,) = claimed()
    done = commit(
        row(claim, result="[1]", opened=[opened(payload={"b": 1, "a": 2})], events=[("x.y", {"n": 1}, None)])
    )
    execution = Execution.objects.get()
    assert (execution.status, execution.snapshot, execution.result) == ("waiting", "{}", [1])
    assert (execution.wake_at, execution.lease_owner, execution.claims) == (None, None, 0)
    interrupt = Interrupt.objects.get()
    assert list(interrupt.payload) == ["b", "a"]
    assert interrupt.audience == ["*", 'g:Ünïcode, "quoted"']
    assert [e.kind for e in Event.objects.order_by("id")][1:] == ["interrupt.opened", "x.y"]
    assert not done[claim.id].due
    assert not done[claim.id].held


def test_only_the_stale_one_of_a_batch_is_refused():
    claims = claimed(3)
    Execution.objects.filter(pk=claims[1].id).update(epoch=9)
    Message.objects.create(execution_id=claims[1].id, kind="retry")
    message = Message.objects.get().pk
    batch = [row(c, opened=[opened()], events=[("x", None, None)], applied=[message]) for c in claims]
    done = commits.commit(batch, owner="me")
    assert set(done) == {claims[0].id, claims[2].id}
    assert set(Interrupt.objects.values_list("execution_id", flat=True)) == set(done)
    assert Event.objects.filter(kind="x").count() == 2
    assert Message.objects.exists()
    assert Execution.objects.get(pk=claims[1].id).snapshot is None


def test_who_has_handed_it_back_commits_nothing_more():
    (claim,) = claimed()
    queue.release(ids=[claim.id], owner="me")
    assert commit(row(claim)) == {}


def test_a_commit_cannot_be_repeated():
    (claim,) = claimed()
    held = row(claim, hold=True, events=[("x", None, None)])
    assert commit(held)[claim.id].epoch == claim.epoch + 1
    assert commit(held) == {}
    assert Event.objects.filter(kind="x").count() == 1


def test_holding_keeps_the_lease():
    (claim,) = claimed()
    done = commit(row(claim, hold=True, claims=claim.claims))
    assert done[claim.id].held
    execution = Execution.objects.get()
    assert (execution.lease_owner, execution.claims) == ("me", 1)
    assert execution.wake_at is not None


def test_a_message_that_was_not_seen_keeps_it_due():
    (claim,) = claimed()
    Execution.objects.update(message_seq=1)
    assert commit(row(claim))[claim.id].due
    assert len(queue.claim(queue.Claimer("other", 1.0), limit=1)) == 1


def test_a_message_whose_transaction_the_commit_had_to_wait_for_keeps_it_due():
    (claim,) = claimed()
    interrupted = commit(row(claim, hold=True, opened=[opened()]))[claim.id]
    interrupt = Interrupt.objects.get()
    locked, let_go = threading.Event(), threading.Event()

    def answer():
        with transaction.atomic():
            doors.lock(claim.id)
            locked.set()
            assert let_go.wait(20)
            given = answers.Answer(execution_id=claim.id, interrupt_id=interrupt.pk, value=1)
            answers.answer(given, doors.Origin(None, "code"))
        connections.close_all()

    answering = threading.Thread(target=answer)
    answering.start()
    assert locked.wait(20)
    done: dict = {}
    committing = threading.Thread(
        target=lambda: (done.update(_stale_commit(claim, interrupted)), connections.close_all())
    )
    committing.start()
    until(somebody_waits_for_a_lock)
    let_go.set()
    committing.join(20)
    answering.join(20)
    assert done[claim.id].due
    assert Execution.objects.get().wake_at is not None


def _stale_commit(claim, interrupted):
    return commit(row(claim, epoch=interrupted.epoch, message_seq=0))


def test_a_key_can_be_closed_and_asked_again_in_one_commit():
    (claim,) = claimed()
    first = commit(row(claim, hold=True, opened=[opened("k")]))[claim.id]
    commit(row(claim, epoch=first.epoch, closed=[("k", "Gone on.")], opened=[opened("k")]))
    assert sorted(Interrupt.objects.values_list("status", "closed_reason")) == [
        ("cancelled", "Gone on."),
        ("waiting", ""),
    ]


def test_closing_leaves_alone_what_was_answered():
    (claim,) = claimed()
    first = commit(row(claim, hold=True, opened=[opened("k")]))[claim.id]
    Interrupt.objects.update(status="answered", closed_at=Execution.objects.get().created_at)
    commit(row(claim, epoch=first.epoch, closed=[("k", "Gone on.")]))
    assert Interrupt.objects.get().status == "answered"
    assert not Event.objects.filter(kind="interrupt.closed").exists()


def test_an_error_stays_while_it_is_failed_and_goes_with_it():
    (claim,) = claimed()
    first = commit(row(claim, status="failed", error='{"type":"E"}', hold=True))[claim.id]
    second = commit(row(claim, epoch=first.epoch, status="failed", hold=True))[claim.id]
    assert Execution.objects.get().error == {"type": "E"}
    commit(row(claim, epoch=second.epoch, status="completed"))
    execution = Execution.objects.get()
    assert execution.error is None
    assert execution.finished_at is not None


def test_questions_come_back_although_the_worker_hears_of_the_retry_late():
    """It failed while another chunk ran; the outcome of that is committed before the retry is read."""
    (claim,) = claimed()
    first = commit(row(claim, status="failed", hold=True, opened=[opened("k")]))[claim.id]
    executions.retry(execution_id=claim.id)
    assert Interrupt.objects.get().status == "waiting"
    second = commit(row(claim, epoch=first.epoch, status="failed", hold=True))[claim.id]
    assert Interrupt.objects.get().status == "suspended"
    message = Message.objects.get()
    retried = row(claim, epoch=second.epoch, message_seq=second.message_seq, applied=[message.pk])
    assert sorted(commit(retried)[claim.id].audience) == ["*", 'g:Ünïcode, "quoted"']
    assert Interrupt.objects.get().status == "waiting"
    told = Event.objects.filter(interrupt__isnull=False).order_by("id").values_list("kind", flat=True)
    assert [kind.split(".")[1] for kind in told] == ["opened", "restored", "suspended", "restored"]
