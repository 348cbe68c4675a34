"""A history that was tampered with by somebody whom the database obeys is found, and the place named."""

import pytest
from django.db import connection, transaction

from flows.models import Event, Execution
from flows.services import audit, errors, executions, interrupts
from tests.durable import ask, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def histories(fiona):
    """Three finished executions of four events each."""
    for _ in range(3):
        interrupts.decide(interrupt_id=ask().pk, answer={"approved": True}, by=fiona, address="10.0.0.7")
    work()
    return list(Execution.objects.order_by("id"))


def tamper(sql, *parameters) -> None:
    """As a superuser whom no trigger stops."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, parameters)
        assert cursor.rowcount


def only_problem() -> audit.Problem:
    (problem,) = audit.verify().problems
    return problem


def events_of(execution) -> list[int]:
    return list(Event.objects.filter(execution=execution).order_by("id").values_list("id", flat=True))


def test_what_nobody_touched_fits(histories):
    report = audit.verify()
    assert (report.executions, report.events, report.count) == (3, 12, 0)


@pytest.mark.parametrize(
    "change",
    [
        "execution_id = (SELECT id FROM flows_execution ORDER BY id LIMIT 1)",
        "interrupt_id = (SELECT id FROM flows_interrupt ORDER BY id LIMIT 1)",
        "interrupt_id = NULL",
        "kind = 'interrupt.closed'",
        "actor_id = NULL",
        "door = 'admin'",
        "address = '10.0.0.8'",
        "detail = '{\"value\": 1}'",
        "detail = NULL",
        "created_at = created_at + interval '1 microsecond'",
        "id = id + 1000000",
        "hash = sha256('')",
        "hash = ''",
    ],
)
def test_an_event_that_was_changed_is_named(histories, change):
    third = events_of(histories[2])[2]
    tamper(f"UPDATE flows_event SET {change} WHERE id = %s", third)
    problems = audit.verify().problems
    named = {problem.event for problem in problems}
    if change.startswith("execution_id"):
        assert named >= {third, events_of(histories[2])[2]}
    elif change.startswith("id ="):
        assert named & {events_of(histories[2])[2], events_of(histories[2])[3]}
    else:
        assert problems[0].event == third
        assert problems[0].execution == str(histories[2].pk)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_after_an_event_that_was_removed_the_next_one_is_named(histories, place):
    ids = events_of(histories[1])
    tamper("DELETE FROM flows_event WHERE id = %s", ids[place])
    assert audit.verify().problems[0] == audit.Problem(
        str(histories[1].pk), ids[place + 1], audit.DOES_NOT_FIT
    )


def test_an_event_that_was_put_in_is_named(histories):
    ids = events_of(histories[0])
    tamper("UPDATE flows_event SET id = -id WHERE id = %s", ids[0])  # room before it
    tamper("UPDATE flows_event SET id = -id WHERE id = %s", -ids[0])
    tamper(
        "INSERT INTO flows_event (id, execution_id, kind, door, address, hash) "
        "SELECT 0, execution_id, kind, door, address, hash FROM flows_event WHERE id = %s",
        ids[0],
    )
    assert audit.verify().problems[0].event == 0


def test_two_events_that_changed_places_are_named(histories):
    ids = events_of(histories[0])
    swap = "UPDATE flows_event SET id = %s WHERE id = %s"
    for to, id in ((-1, ids[1]), (ids[1], ids[2]), (ids[2], -1)):
        tamper(swap, to, id)
    assert only_problem().event == ids[1]


def test_a_history_that_was_cut_off_is_missed_by_the_rows_around_it(histories):
    ids = events_of(histories[0])
    tamper("DELETE FROM flows_event WHERE id = ANY(%s)", ids[2:])
    problems = audit.verify().problems
    assert [problem.event for problem in problems] == [None, None]
    assert problems[0].execution == str(histories[0].pk)
    assert "an end if and only if" in problems[0].message
    assert "how it was closed" in problems[1].message


def test_a_history_that_is_gone_altogether_is_missed(histories):
    tamper("DELETE FROM flows_event WHERE execution_id = %s", histories[0].pk)
    assert "begins with its start" in audit.verify().problems[0].message
    assert audit.verify(execution_id=histories[1].pk).problems == []


def test_an_execution_that_is_gone_without_its_history_is_missed(histories):
    tamper("DELETE FROM flows_execution WHERE id = %s", histories[0].pk)
    assert "Every event belongs to an execution" in only_problem().message


def test_each_tampered_execution_is_named_once_and_one_can_be_asked_for(histories):
    tamper("UPDATE flows_event SET address = 'x' WHERE kind <> 'execution.started'")
    seconds = [(str(each.pk), events_of(each)[1]) for each in histories]
    assert [(problem.execution, problem.event) for problem in audit.verify().problems] == seconds
    one = audit.verify(execution_id=str(histories[1].pk))
    assert [(problem.execution, problem.event) for problem in one.problems] == seconds[1:2]
    assert (one.executions, one.events) == (1, 4)


def test_an_execution_that_is_not_there_is_said():
    with pytest.raises(errors.NotFound):
        audit.verify(execution_id="nope")


def test_progress_is_told_in_between():
    execution = executions.start(flow="ask", input={})
    Event.objects.bulk_create(
        Event(execution=execution, kind="execution.reported", detail={"item": n}) for n in range(1200)
    )
    seen = []
    assert audit.verify(progress=seen.append).count == 0
    assert seen == [500, 1000]
