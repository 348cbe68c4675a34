"""How a claim is shared out among flows and queues."""

import pytest
from django.db import connection
from django.db.models.functions import Now

from flows.models import Execution
from flows.store import queue

pytestmark = pytest.mark.django_db(transaction=True)
ALL = queue.Claimer("me", 30.0)


def due(flow, count, **columns):
    columns = {"wake_at": Now()} | columns
    return Execution.objects.bulk_create([Execution(flow=flow, **columns) for _ in range(count)])


def flows_of(claims):
    return sorted(claim.flow for claim in claims)


def test_each_flow_gets_its_share_however_long_the_others_queue():
    due("big", 50, wake_at="2000-01-01T00:00Z")
    due("small", 1)
    due("tiny", 1)
    assert flows_of(queue.claim(ALL, limit=6)) == ["big", "big", "small", "tiny"]
    claims = queue.claim(ALL, limit=6)
    assert (flows_of(claims), claims[0].share) == (["big"] * 6, 6)


def test_of_fewer_places_than_flows_those_get_one_that_hold_least():
    for name in ("a", "b", "c"):
        due(name, 5)
    loads = [queue.Load("default", name, held, 1) for name, held in (("a", 2), ("b", 0), ("c", 1))]
    assert flows_of(queue.claim(ALL, limit=2, loads=loads)) == ["b", "c"]


def test_among_equals_the_one_comes_first_whose_turn_was_longest_ago():
    for name in ("a", "b", "c"):
        due(name, 5)
    loads = [queue.Load("default", name, 0, turn) for name, turn in (("a", 9), ("b", 7), ("c", 8))]
    assert flows_of(queue.claim(ALL, limit=1, loads=loads)) == ["b"]
    assert flows_of(queue.claim(ALL, limit=1, loads=loads[:2])) == ["c"]


def test_a_flow_that_waits_or_is_leased_takes_no_share():
    due("big", 9)
    due("later", 3, wake_at="2999-01-01T00:00Z")
    due("leased", 3, lease_until="2999-01-01T00:00Z")
    due("parked", 3, wake_at=None)
    assert flows_of(queue.claim(ALL, limit=4)) == ["big"] * 4


def test_only_the_queues_of_the_claimer_are_served():
    due("a", 2, queue="gpu")
    due("a", 2)
    due("b", 2, queue="night")
    claims = queue.claim(queue.Claimer("me", 30.0, ("gpu", "night")), limit=9)
    assert sorted(claim.queue for claim in claims) == ["gpu", "gpu", "night", "night"]
    assert queue.claim(queue.Claimer("me", 30.0, ("unknown",)), limit=9) == []


def test_of_those_that_stay_apart_the_longest_waiting_is_claimed_alone():
    due("a", 3, claims=2)
    due("a", 2)
    due("b", 3, claims=4)
    (longest,) = due("b", 1, claims=3, wake_at="2000-01-01T00:00Z")
    claims = queue.claim(ALL, limit=20, apart=queue.Apart(range(2, 5)))
    assert sorted((claim.flow, claim.claims) for claim in claims) == [("a", 1), ("a", 1), ("b", 4)]
    assert longest.pk in {claim.id for claim in claims}
    assert Execution.objects.filter(lease_until=None, wake_at__lte=Now()).count() == 6


def test_those_that_stay_apart_hide_nobody_when_they_are_barred():
    due("a", 20, claims=2, wake_at="2000-01-01T00:00Z")
    due("a", 2)
    due("b", 20, claims=2)
    due("c", 1, claims=5)
    claims = queue.claim(ALL, limit=4, apart=queue.Apart(range(2, 5), barred=True))
    assert sorted((claim.flow, claim.claims, claim.share) for claim in claims) == [
        ("a", 1, 2),
        ("a", 1, 2),
        ("c", 6, 2),
    ]


def test_every_part_of_a_claim_uses_the_index():
    due("a", 5)
    parameters = {
        "limit": 1,
        "owner": "me",
        "lease_seconds": 1.0,
        "queues": None,
        "apart": [2],
        "barred": True,
    }
    loads = {f"load_{name}": [] for name in ("queue", "flow", "held", "turn")}
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("SET enable_bitmapscan = off")
        cursor.execute("EXPLAIN " + queue.CLAIM, parameters | loads)
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("RESET ALL")
    assert plan.count("using execution_due_by_flow") == 4
    assert "Seq Scan" not in plan
