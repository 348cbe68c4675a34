"""2. Of any number of answers at once, through any doors, exactly one wins: a barrier lets them all go."""

import pytest

from flows.models import Event, Execution, Message, Response
from flows.services import errors, executions, interrupts
from tests.durable import Threads, ask, reload, work

pytestmark = pytest.mark.django_db(transaction=True)
CONTENDERS = 64


def test_64_threads_give_one_winner_and_63_conflicts(rita, fiona, leo):
    interrupt = ask(rita)

    def answer(number):
        by = (fiona, leo)[number % 2]
        return lambda: interrupts.decide(
            interrupt_id=interrupt.pk, answer={"approved": True, "comment": str(number)}, by=by
        )

    results = Threads([answer(number) for number in range(CONTENDERS)]).run()
    winners = [result for result in results if isinstance(result, Response)]
    conflicts = [result for result in results if isinstance(result, errors.AlreadyClosed)]
    assert (len(winners), len(conflicts)) == (1, CONTENDERS - 1)
    assert {conflict.value["comment"] for conflict in conflicts} == {winners[0].value["comment"]}
    assert Response.objects.count() == Message.objects.count() == 1
    assert Event.objects.filter(kind="interrupt.answered").count() == 1
    work()
    assert reload(interrupt.execution).result["comment"] == winners[0].value["comment"]


def test_one_request_sent_by_many_threads_has_one_result(rita, fiona):
    interrupt = ask(rita)
    once = {"interrupt_id": interrupt.pk, "answer": {"approved": True}, "by": fiona, "request_id": "r"}
    results = Threads([lambda: interrupts.decide(**once)] * 16).run()
    assert len({result.pk for result in results}) == 1


def test_one_start_sent_by_many_threads_starts_once(rita):
    once = {"flow": "ask", "input": {}, "by": rita, "request_id": "r"}
    results = Threads([lambda: executions.start(**once)] * 16).run()
    assert {result.pk for result in results} == {Execution.objects.get().pk}
    assert Event.objects.count() == 1


def test_answer_against_cancel_leaves_one_of_both(rita, fiona):
    for _ in range(10):
        interrupt = ask(rita)
        answered, cancelled = Threads(
            [
                lambda i=interrupt: interrupts.decide(interrupt_id=i.pk, answer={"approved": True}, by=fiona),
                lambda i=interrupt: executions.cancel(execution_id=i.execution_id, reason="no", by=rita),
            ]
        ).run()
        assert isinstance(cancelled, Execution)
        interrupt.refresh_from_db()
        won = isinstance(answered, Response)
        assert interrupt.status == ("answered" if won else "cancelled")
        assert won or isinstance(answered, errors.AlreadyClosed)
        work()
        assert reload(cancelled).status == "cancelled"
