"""Many answers in one go: each stands for itself, and the whole may be sent again."""

from uuid import uuid4

import pytest
from django.db import connection, transaction

from flows.models import Response
from flows.services import bulk, interrupts
from flows.services.bulk import Given, Outcome, Run
from tests.durable import ask, intact

pytestmark = pytest.mark.django_db(transaction=True)
YES, NO = {"approved": True}, {"approved": False, "comment": "Too much"}
NEEDED = {"actions": [{"id": "reject", "reason": "required"}, {"id": "approve"}]}


def decide(given, by, **run):
    return list(bulk.decide_all(given, Run(by, run.pop("request_id", "form"), **run)))


def test_each_has_its_own_outcome_and_reason(fiona, leo, stranger):
    open_one, taken, stale, wordless = ask(), ask(), ask(), ask(payload=NEEDED)
    interrupts.decide(interrupt_id=taken.pk, answer=NO, by=leo)
    given = [
        Given(open_one.pk, YES, open_one.digest),
        Given(taken.pk, YES, taken.digest),
        Given(stale.pk, YES, "0" * 64),
        Given(wordless.pk, {"approved": False}, wordless.digest),
        Given(uuid4(), YES),
    ]
    results = decide(given, fiona)
    assert [r.outcome for r in results] == ["done", "refused", "refused", "refused", "refused"]
    assert "Leo" in results[1].reason
    assert "rejected, “Too much”" in results[1].reason
    assert "not the one that was shown" in results[2].reason
    assert "needs a reason" in results[3].reason
    assert [r.can_change for r in results] == [False, False, False, True, False]
    assert Response.objects.filter(by=fiona).get().interrupt == open_one
    assert decide([Given(stale.pk, YES)], stranger)[0].outcome == Outcome.REFUSED
    intact()


def test_sent_again_it_gives_the_first_results(fiona):
    asked = [ask() for _ in range(3)]
    first = decide([Given(i.pk, YES, i.digest) for i in asked[:2]], fiona)  # where the connection broke
    again = decide([Given(i.pk, YES, i.digest) for i in asked], fiona)
    assert [r.outcome for r in again] == ["done"] * 3
    assert [r.response.pk for r in again[:2]] == [r.response.pk for r in first]
    assert Response.objects.count() == 3
    other = decide([Given(asked[0].pk, YES, asked[0].digest)], fiona, request_id="another form")
    assert other[0].outcome == Outcome.REFUSED
    intact()


def test_a_row_that_the_database_does_not_take_fails_alone(fiona):
    asked = [ask() for _ in range(3)]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE flows_response ADD CONSTRAINT one CHECK (door <> 'browser' OR "
                       f"interrupt_id <> '{asked[1].pk}')")  # fmt: skip
    try:
        results = decide([Given(i.pk, YES, i.digest) for i in asked], fiona)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE flows_response DROP CONSTRAINT one")
    assert [r.outcome for r in results] == ["done", "failed", "done"]
    assert results[1].can_change
    retried = decide([Given(i.pk, YES, i.digest) for i in asked], fiona)
    assert [r.outcome for r in retried] == ["done"] * 3
    intact()


def test_each_is_committed_before_the_next(fiona):
    asked = [ask(), ask()]
    results = bulk.decide_all([Given(i.pk, YES, i.digest) for i in asked], Run(fiona, "form"))
    next(results)
    assert not connection.in_atomic_block
    with transaction.atomic():
        assert list(Response.objects.values_list("interrupt", flat=True)) == [asked[0].pk]


def test_many_can_be_taken_back_together(fiona, leo):
    asked = [ask(undo_seconds=60) for _ in range(3)] + [ask(undo_seconds=0)]
    decide([Given(i.pk, YES, i.digest) for i in asked], fiona, left=500)
    first, *_, last = Response.objects.order_by("pk")
    assert (first.effective_at - first.created_at).total_seconds() > 69
    assert last.effective_at is None  # its author gave no time, so there is none
    interrupts.undo(interrupt_id=asked[2].pk, by=fiona)
    told = bulk.undo_all([i.pk for i in asked], by=fiona)
    assert [not told[i.pk] for i in asked] == [True, True, False, False]
    assert Response.objects.get().interrupt == asked[3]
    decide([Given(asked[0].pk, YES, asked[0].digest)], leo)
    assert bulk.undo_all([asked[0].pk], by=fiona)[asked[0].pk]
    intact()
