"""flows_prune, as people and cron call it."""

import signal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from flows.management.base import age
from flows.models import Event, Execution
from flows.services import executions
from tests.commands.calling import called, parsed
from tests.durable import ask, intact, until

pytestmark = pytest.mark.django_db(transaction=True)


def old(count) -> None:
    for _ in range(count):
        executions.cancel(execution_id=ask().execution_id, reason="enough")
    Execution.objects.filter(status="cancelled").update(finished_at="2000-01-01T00:00Z")


def test_it_removes_what_is_old():
    old(3)
    ask()
    assert called("flows_prune", "--older-than", "90d") == (0, "3 executions removed.\n")
    assert parsed("flows_prune", "--older-than", "90d") == (
        0,
        {"dry_run": False, "executions": 0, "stopped": False},
    )
    assert Execution.objects.get().status == "waiting"


def test_a_dry_run_only_counts():
    old(2)
    code, printed = called("flows_prune", "--older-than", "2w", "--dry-run")
    assert (code, printed.split()) == (0, ["2", "ask", "2", "executions", "would", "be", "removed."])
    code, found = parsed("flows_prune", "--older-than", "2w", "--dry-run", "--flow", "pair")
    assert (code, found["executions"], found["flows"]) == (0, 0, {})
    assert Execution.objects.count() == 2


def test_ages_are_read():
    assert [age(text) for text in ("90d", "12h", "2w", "30min")] == [7_776_000, 43_200, 1_209_600, 1_800]


@pytest.mark.parametrize("text", ["", "90", "d", "-1d", "1.5d", "90 years", "9999999d"])
def test_what_is_no_age_is_refused(text):
    with pytest.raises(CommandError) as refusal:
        call_command("flows_prune", f"--older-than={text}")
    assert refusal.value.returncode in (1, 2)


def test_less_than_a_minute_is_refused():
    with pytest.raises(CommandError, match="at least 60"):
        call_command("flows_prune", "--older-than", "0min")


def many_old(count) -> None:
    """Made in one go: each with its two events, one a second after the other."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO flows_execution (id, flow, status, wake_at, finished_at)
            SELECT gen_random_uuid(), 'ask', 'cancelled', NULL, '2000-01-01'::timestamptz + n * interval '1 s'
            FROM generate_series(1, %s) AS n
            """,
            [count],
        )
        for kind in ("execution.started", "execution.cancelled"):
            cursor.execute(
                "INSERT INTO flows_event (execution_id, kind, door, address) "
                "SELECT id, %s, '', '' FROM flows_execution",
                [kind],
            )


def test_sigterm_ends_it_after_the_batch_at_hand(processes):
    """The second of three batches has to wait for us, and is told to stop meanwhile."""
    many_old(1200)
    in_second = Execution.objects.order_by("finished_at")[700]
    with transaction.atomic():
        held = list(Event.objects.select_for_update().filter(execution=in_second))
        prune = processes.command("flows_prune", "--older-than", "90d", "--json")
        until(lambda: Execution.objects.count() == 700)
        until(waits_for_a_lock)
        prune.send_signal(signal.SIGTERM)
        assert held
    assert prune.wait(20) == 1
    assert Execution.objects.count() == 200
    assert '"executions": 1000' in processes.output()
    intact()


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])
