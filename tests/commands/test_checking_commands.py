"""Commands that look whether all is well: a report for people or programs, and an exit code for scripts."""

import io
import uuid

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from flows.models import Event, Execution
from flows.services import executions
from tests.commands.calling import called, parsed
from tests.durable import ask, work

pytestmark = pytest.mark.django_db(transaction=True)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def as_superuser(sql, *parameters) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, parameters)
        cursor.execute("RESET session_replication_role")


def test_verify_audit_says_that_all_fits():
    ask()
    assert called("verify_audit") == (0, "All 2 events of 1 executions fit.\n")
    assert parsed("verify_audit") == (0, {"events": 2, "executions": 1, "count": 0, "problems": []})


def test_verify_audit_names_the_first_event_that_does_not_fit():
    execution = ask().execution
    first, _ = Event.objects.order_by("id")
    as_superuser("UPDATE flows_event SET door = 'admin' WHERE id = %s", first.pk)
    code, printed = called("verify_audit")
    assert code == 1
    assert f"execution {execution.pk}, event {first.pk}: Its hash does not follow" in printed
    code, report = parsed("verify_audit", "--execution", str(execution.pk))
    assert (code, report["count"], report["problems"][0]["event"]) == (1, 1, first.pk)


@pytest.mark.parametrize("id", ["nope", str(uuid.UUID(int=0))])
def test_verify_audit_refuses_an_execution_that_is_not_there(id):
    with pytest.raises(CommandError) as refusal:
        call_command("verify_audit", "--execution", id)
    assert refusal.value.returncode == 2


def test_a_person_at_a_terminal_sees_how_far_it_is_and_a_program_does_not():
    execution = executions.start(flow="ask", input={})
    Event.objects.bulk_create(Event(execution=execution, kind="execution.reported") for _ in range(1000))
    terminal, pipe, quiet = Terminal(), io.StringIO(), Terminal()
    assert called("verify_audit", stderr=terminal)[0] == 0
    assert "1,000 events verified" in terminal.getvalue()
    called("verify_audit", stderr=pipe)
    called("verify_audit", "--json", stderr=quiet)
    assert (pipe.getvalue(), quiet.getvalue()) == ("", "")


def test_check_integrity_says_that_all_holds():
    ask()
    code, printed = called("check_integrity")
    assert (code, printed.startswith("All ")) == (0, True)
    code, found = parsed("check_integrity")
    assert (code, found["broken"]) == (0, [])
    assert "interrupt_is_awaited" in found["checked"]


def test_check_integrity_names_what_is_broken_with_counts_and_examples():
    ids = sorted(str(ask().execution_id) for _ in range(7))
    Execution.objects.update(lease_owner="nobody")
    code, printed = called("check_integrity")
    assert code == 1
    assert "lease_is_whole" in printed
    assert "not so for 7 execution(s)" in printed
    code, found = parsed("check_integrity")
    (broken,) = found["broken"]
    assert (code, broken["name"], broken["count"], broken["examples"]) == (1, "lease_is_whole", 7, ids[:5])


def test_doctor_says_that_all_go_on():
    ask()
    assert called("flows_doctor") == (0, "All 1 open executions go on as they are.\n")
    report = {"executions": 1, "changed": 0, "problems": [], "parked": []}
    assert parsed("flows_doctor") == (0, report)


def test_doctor_says_what_would_not_go_on():
    execution = ask().execution
    Execution.objects.update(flow="gone")
    code, printed = called("flows_doctor")
    assert code == 1
    assert "gone: 1 × unknown_flow." in printed
    assert str(execution.pk) in printed
    code, report = parsed("flows_doctor")
    assert (code, report["problems"][0]["examples"]) == (1, [str(execution.pk)])


def test_what_was_set_aside_before_is_no_reason_not_to_deploy():
    ask()
    Execution.objects.update(flow="gone", wake_at="2000-01-01T00:00Z")
    work()
    code, printed = called("flows_doctor")
    assert code == 0
    assert "gone: 1 set aside before (UnknownFlow), 0 of them would go on after a retry." in printed
