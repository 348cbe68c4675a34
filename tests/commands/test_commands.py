"""The commands do what they say, for people and for programs."""

import io
import json

import pytest
from django.core.management import call_command

from flows.models import Execution, Interrupt, Response
from flows.services import executions
from tests.durable import ask, reload, work

pytestmark = pytest.mark.django_db(transaction=True)


def printed(*arguments) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def parsed(*arguments):
    return json.loads(printed(*arguments, "--json"))


def test_start_starts(rita):
    row = parsed("flows_start", "ask", "--input", '{"payload": {"title": "T"}}', "--as", "rita")
    execution = Execution.objects.get(pk=row["id"])
    assert (execution.requester, row["status"], row["requester"]) == (rita, "created", "rita")
    assert execution.events.get().door == "command"


def test_start_with_the_same_request_id_starts_once():
    call = ("flows_start", "ask", "--input", "{}", "--request-id", "r")
    assert parsed(*call)["id"] == parsed(*call)["id"]


def test_pending_lists_what_a_person_may_answer(rita, fiona, leo):
    interrupt = ask(rita, policy={"groups": ["Finance"]}, payload={"title": "Für Fiona"})
    assert [row["id"] for row in parsed("flows_pending")] == [str(interrupt.pk)]
    assert [row["title"] for row in parsed("flows_pending", "--as", "fiona")] == ["Für Fiona"]
    assert parsed("flows_pending", "--as", "leo") == []
    assert "Für Fiona" in printed("flows_pending", "--as", "fiona")
    assert "Nothing waits." in printed("flows_pending", "--as", "leo")


def test_answer_answers(rita, fiona):
    interrupt = ask(rita)
    value = '{"approved": true, "comment": "Ja, gern ✓"}'
    row = parsed("flows_answer", str(interrupt.pk), "--value", value, "--as", "fiona")
    assert (row["value"]["comment"], row["by"]) == ("Ja, gern ✓", "Fiona")
    assert (Response.objects.get().by, Response.objects.get().door) == (fiona, "command")
    work()
    assert reload(interrupt.execution).status == "completed"


def test_answer_says_what_was_answered(rita, fiona):
    interrupt = ask(rita)
    said = printed("flows_answer", str(interrupt.pk), "--value", '{"approved": false}', "--as", "fiona")
    assert "Fiona answered" in said


def test_an_answer_by_key_may_come_before_its_question(rita):
    execution = executions.start(flow="ask", input={"type": "webhook", "interrupt_id": "bank"}, by=rita)
    said = printed("flows_answer", "bank", "--of", str(execution.pk), "--value", "5")
    assert said == "Kept until “bank” is asked.\n"
    work()
    assert reload(execution).result == 5


def test_an_event_reaches_its_listeners(rita):
    execution = executions.start(flow="listening", input=None, by=rita)
    work()
    for _ in range(2):  # as after a reply that was lost
        printed("flows_emit", str(execution.pk), "Paid", "--value", "5", "--as", "rita", "--request-id", "p1")
        work()
    assert executions.state(reload(execution)) == {"paid": [5]}


def test_show_shows_steps_state_interrupts_and_history(rita):
    execution = ask(rita, payload={"title": "T"}).execution
    row = parsed("flows_show", str(execution.pk))
    assert [(step["label"], step["status"]) for step in row["steps"]] == [
        ("ask", "waiting"),
        ("keep", "todo"),
    ]
    assert [interrupt["title"] for interrupt in row["interrupts"]] == ["T"]
    assert [event["kind"] for event in row["history"]] == ["execution.started", "interrupt.opened"]
    shown = printed("flows_show", str(execution.pk))
    assert "waiting" in shown
    assert str(Interrupt.objects.get().pk) in shown


def test_a_worker_prints_what_it_did(processes, tmp_path):
    parsed("flows_start", "ask", "--input", "{}")
    processes.worker("--until-idle", "--json", "--concurrency", "2").wait(20)
    counts = json.loads(next(line for line in processes.output().splitlines() if line.startswith("{")))
    assert (counts["claimed"], counts["chunks"]) == (1, 1)
