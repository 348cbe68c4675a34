"""Claims, leases and hand-backs, one statement each."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.db.models.functions import Now

from flows.models import Execution
from flows.services import executions
from flows.store import queue
from tests.durable import Threads

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def five() -> list[Execution]:
    return [executions.start(flow="ask", input={"n": number}) for number in range(5)]


def claim(owner="me", limit=10, lease_seconds=30.0):
    return queue.claim(queue.Claimer(owner, lease_seconds), limit=limit)


def expire():
    Execution.objects.update(lease_until=Now() - timedelta(seconds=1))


def test_the_longest_waiting_come_first(five):
    assert {c.id for c in claim(limit=2)} == {e.pk for e in five[:2]}
    assert {c.id for c in claim(limit=2)} == {e.pk for e in five[2:4]}


def test_a_claim_counts_and_starts_a_new_epoch(five):
    (first, *_) = claim(limit=1)
    assert (first.flow, first.input, first.epoch, first.claims) == ("ask", {"n": 0}, 1, 1)
    expire()
    again = next(c for c in claim() if c.id == first.id)
    assert (again.epoch, again.claims) == (2, 2)


def test_what_is_leased_is_nobody_elses_until_the_lease_ends(five):
    assert len(claim()) == 5
    assert claim(owner="other") == []
    expire()
    assert len(claim(owner="other")) == 5


def test_what_is_parked_or_due_later_is_left_alone(five):
    Execution.objects.filter(pk=five[0].pk).update(wake_at=None)
    Execution.objects.filter(pk=five[1].pk).update(wake_at=Now() + timedelta(hours=1))
    assert {c.id for c in claim()} == {e.pk for e in five[2:]}


def test_a_locked_row_is_passed_over_without_waiting(five):
    locked, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Execution.objects.select_for_update().get(pk=five[0].pk)
            locked.set()
            assert done.wait(20)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(20)
    try:
        assert {c.id for c in claim()} == {e.pk for e in five[1:]}
    finally:
        done.set()
        holder.join()


def test_many_claimers_never_share_an_execution():
    for _ in range(40):
        executions.start(flow="ask", input={})
    claims = Threads([lambda n=n: claim(owner=f"w{n}", limit=7) for n in range(8)]).run()
    ids = [c.id for batch in claims for c in batch]
    assert len(ids) == len(set(ids)) == 40


def test_renewing_prolongs_only_what_is_still_mine(five):
    ids = [c.id for c in claim(lease_seconds=1.0)]
    Execution.objects.filter(pk=ids[0]).update(lease_owner="other")
    assert queue.renew(ids=ids, owner="me", lease_seconds=3600.0) == set(ids[1:])
    later = Execution.objects.filter(lease_until__gt=Now() + timedelta(minutes=30))
    assert {e.pk for e in later} == set(ids[1:])


def test_handing_back_makes_due_at_once_and_counts_nothing(five):
    ids = [c.id for c in claim()]
    assert queue.release(ids=ids[:2], owner="other") == set()
    assert queue.release(ids=ids[:2], owner="me") == set(ids[:2])
    again = claim(owner="other")
    assert {c.id for c in again} == set(ids[:2])
    assert {c.claims for c in again} == {1}


def test_messages_come_with_the_count_that_includes_them(five):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO flows_message (execution_id, kind) VALUES (%s, 'retry')", [five[0].pk])
        cursor.execute("UPDATE flows_execution SET message_seq = 7 WHERE id = %s", [five[0].pk])
    mail = queue.messages([five[0].pk, five[1].pk])
    assert (mail[five[0].pk].message_seq, [m.kind for m in mail[five[0].pk].messages]) == (7, ["retry"])
    assert mail[five[1].pk].messages == []
