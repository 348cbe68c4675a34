"""4. Every answer resumes exactly once and none stays parked: workers are killed meanwhile."""

import pytest
from django.db import connection

from flows.models import Event, Execution, Interrupt, Message, Response
from flows.services import executions, interrupts
from tests.durable import intact, until

pytestmark = pytest.mark.django_db(transaction=True)
EXECUTIONS = 40
KILLS = 6


def test_everything_finishes_once_although_workers_are_killed(processes):
    workers = [processes.worker(), processes.worker()]
    for _ in range(EXECUTIONS):
        executions.start(flow="pair", input=None)
    for kill in range(KILLS):
        share = EXECUTIONS * 2 * (kill + 1) // KILLS
        until(lambda share=share: answer_some() or Response.objects.count() >= share)
        victim = workers.pop(0)
        victim.kill()
        victim.wait()
        workers.append(processes.worker())
    until(lambda: answer_some() or not Execution.objects.exclude(status="completed").exists())
    everything_was_done_once()
    intact()


def answer_some() -> None:
    for interrupt in Interrupt.objects.waiting()[:5]:
        interrupts.decide(interrupt_id=interrupt.pk, answer=interrupt.title)


def everything_was_done_once() -> None:
    assert Interrupt.objects.count() == Response.objects.count() == 2 * EXECUTIONS
    assert not Message.objects.exists()
    assert not Execution.objects.filter(lease_owner__isnull=False).exists()
    for execution in Execution.objects.all():
        assert execution.result == {"legal": "Legal", "finance": "Finance"}
    kinds = Event.objects.values_list("kind", flat=True)
    assert sorted(kinds) == sorted(
        ["execution.started", "execution.completed"] * EXECUTIONS
        + ["interrupt.opened", "interrupt.answered"] * 2 * EXECUTIONS
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM flows_execution WHERE wake_at IS NOT NULL")
        assert cursor.fetchone() == (0,)
