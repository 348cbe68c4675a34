"""What ended long ago goes as a whole; everything else stays as it was."""

import pytest
from django.db import connection, transaction

from flows.models import Draft, Event, Execution, Interrupt, Message, RemoteRun, Response
from flows.services import errors, executions, interrupts, pruning
from flows.store import prune
from tests.durable import Threads, ask, intact, work

pytestmark = pytest.mark.django_db(transaction=True)
DAY = 86_400.0


def ended(count=1, *, flow="ask", days=100, request_id=None) -> list:
    """Ids of completed executions that ended so many days ago."""
    started = [
        executions.start(flow=flow, input=None, request_id=request_id and f"{request_id}{n}").pk
        for n in range(count)
    ]
    work()
    for interrupt in Interrupt.objects.waiting().filter(execution__in=started):
        answer = {"approved": True} if interrupt.type == "approval" else "yes"
        interrupts.decide(interrupt_id=interrupt.pk, answer=answer)
    work()
    age(started, days)
    return started


def age(ids, days) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE flows_execution SET finished_at = now() - %s * interval '1 day' WHERE id = ANY(%s)",
            [days, list(ids)],
        )


def pruned(**options) -> list[int]:
    return list(pruning.remove_old(**{"seconds": 90 * DAY} | options))


def ids(model=Execution) -> set:
    return set(model.objects.values_list("pk" if model is Execution else "execution", flat=True))


def test_an_execution_goes_with_all_its_rows(fiona):
    (id,) = ended()
    Draft.objects.create(user=fiona, interrupt=Interrupt.objects.get(), data={}, form="f")
    RemoteRun.objects.create(execution_id=id, step="s", activation=1, attempt=1, status="done", due_at=None)
    assert pruned() == [1]
    for model in (Execution, Interrupt, Response, Event, Message, RemoteRun, Draft):
        assert not model.objects.exists()


def test_what_is_younger_or_open_stays_whole():
    old, young, waiting = ended()[0], ended(days=89)[0], ask().execution_id
    cancelled = ask().execution_id
    executions.cancel(execution_id=cancelled, reason="enough")
    assert pruned() == [1]
    for model in (Execution, Interrupt, Event):
        assert ids(model) == {young, waiting, cancelled}
    age([cancelled], 91)
    assert pruned() == [1]
    assert ids() == {young, waiting}
    assert old not in ids()
    intact()


def test_a_failed_execution_has_not_ended():
    execution = executions.start(flow="ask", input={"nonsense": 1})
    work()
    age([execution.pk], 100)
    assert pruned() == []


def test_only_one_flow_if_asked_for():
    pair, asked = ended(flow="pair"), ended()
    assert pruning.count_old(seconds=90 * DAY) == {"ask": 1, "pair": 1}
    assert pruning.count_old(seconds=90 * DAY, flow="pair") == {"pair": 1}
    assert pruned(flow="pair") == [1]
    assert ids() == set(asked)
    assert pair[0] not in ids()


def test_it_goes_in_batches_each_its_own_transaction_and_can_stop_between_them():
    old = ended(5)
    for days, id in enumerate(old):
        age([id], 100 - days)
    batches = pruning.remove_old(seconds=90 * DAY, batch=2)
    assert next(batches) == 2
    assert Threads([ids]).run() == [set(old[2:])]  # as others see it: the oldest two are gone
    batches.close()
    assert pruned(batch=2) == [2, 1]
    intact()


def test_what_somebody_else_holds_is_left_for_the_next_time():
    old = ended(3)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM flows_execution WHERE id = %s FOR NO KEY UPDATE", [old[1]])
        assert Threads([pruned]).run() == [[2]]
    assert ids() == {old[1]}
    assert pruned() == [1]


def test_two_at_once_share_the_work():
    ended(12)
    found = Threads([lambda: pruned(batch=2)] * 3).run()
    assert sum(sum(batches) for batches in found) == 12
    assert ids() == set()


def test_no_id_is_given_again_but_a_request_id_counts_as_new():
    (gone,) = ended(request_id="r")
    last_event = Event.objects.latest("id").pk
    assert executions.start(flow="ask", input=None, request_id="r0").pk == gone  # as long as it is there
    assert pruned() == [1]
    new = executions.start(flow="ask", input=None, request_id="r0")
    assert new.pk > gone
    assert Event.objects.get().pk > last_event
    with pytest.raises(errors.NotFound):
        executions.find(gone)


def test_an_answer_to_what_is_gone_changes_nothing():
    ended()
    interrupt = Interrupt.objects.get()
    pruned()
    with pytest.raises(errors.NotFound):
        interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})


def test_what_ended_within_the_minute_is_never_removed():
    with pytest.raises(errors.InvalidInput):
        pruned(seconds=59)
    with pytest.raises(errors.InvalidInput):
        pruning.count_old(seconds=0)


def test_it_is_found_by_an_index():
    with transaction.atomic(), connection.cursor() as cursor:
        for way in ("seqscan", "bitmapscan", "sort"):  # what a small table is read with
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {prune.LOCK}", {"seconds": DAY, "flow": None, "limit": 5})
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Scan using execution_finished" in plan
    assert "Sort" not in plan
