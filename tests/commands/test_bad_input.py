"""Whatever is wrong is said in one sentence on stderr, with exit code 2, and changes nothing."""

import os
import subprocess
import sys
import uuid

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from flows.models import Execution, Response
from flows.services import interrupts
from tests.durable import ask

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = str(uuid.UUID(int=0))  # the same in every process that collects the tests


def refused(*arguments) -> str:
    with pytest.raises(CommandError) as refusal:
        call_command(*arguments)
    assert refusal.value.returncode == 2
    assert len(str(refusal.value).splitlines()) == 1
    str(refusal.value).encode()
    return str(refusal.value)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nope",), "no flow “nope”"),
        (("no\0pe\ud800",), "no flow"),
        (("ask", "--input", "{oops"), "--input is not JSON"),
        (("ask", "--input", "[" * 100_000), "--input is not JSON"),
        (("ask", "--input", "NaN"), "does not fit"),
        (("ask", "--input", r'"\u0000"'), "NUL"),
        (("ask", "--input", r'{"a": "\ud800"}'), "a: "),
        (("ask", "--as", "nobody"), "no person “nobody”"),
        (("ask", "--as", "no\0body"), "no person"),
        (("ask", "--as", "\ud800"), "no person"),
        (("plain", "--input", '{"amount": "x"}'), "amount: Must be a whole number."),
        (("ask", "--request-id", "a\0b"), "request_id"),
        (("ask", "--request-id", "x" * 600), "request_id"),
    ],
)
def test_a_start_that_cannot_be(arguments, said):
    assert said in refused("flows_start", *arguments)
    assert not Execution.objects.exists()


def test_a_person_outside_the_groups_cannot_start(leo):
    assert "Finance" in refused("flows_start", "plain", "--input", '{"amount": 1}', "--as", "leo")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("nonsense", "--value is not JSON"),
        ('"text"', "Must be an object."),
        ('{"approved": "yes"}', "approved: Must be true or false."),
        (r'{"approved": true, "comment": "\u0000"}', "comment: Text with a NUL character."),
        (r'{"approved": true, "comment": "\ud800"}', "comment: "),
        ("1e999", "does not fit"),
    ],
)
def test_an_answer_that_does_not_fit(value, said, rita, fiona):
    interrupt = ask(rita)
    assert said in refused("flows_answer", str(interrupt.pk), "--value", value, "--as", "fiona")
    assert not Response.objects.exists()


def test_an_answer_to_something_answered_says_who_when_and_what(rita, fiona, leo):
    interrupt = ask(rita)
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True, "comment": "Fine"}, by=fiona)
    said = refused("flows_answer", str(interrupt.pk), "--value", '{"approved": false}', "--as", "leo")
    assert "Fiona answered this already" in said
    assert "“Fine”" in said


@pytest.mark.parametrize("id", [NOBODY, "nonsense", "", "\0", "\ud800"])
def test_an_id_that_is_none(id, fiona):
    assert "There is no interrupt" in refused("flows_answer", id, "--value", "1", "--as", "fiona")
    assert "There is no execution" in refused("flows_show", id)


def test_an_unknown_person(rita):
    interrupt = ask(rita)
    assert "no person" in refused("flows_answer", str(interrupt.pk), "--value", "{}", "--as", "nobody")
    assert "no person" in refused("flows_pending", "--as", "nobody")


def test_a_person_who_may_not(rita, stranger):
    interrupt = ask(rita)
    answer = ("--value", '{"approved": true}', "--as")
    assert "somebody else" in refused("flows_answer", str(interrupt.pk), *answer, "rita")
    assert "There is no interrupt" in refused("flows_answer", str(interrupt.pk), *answer, "sam")


@pytest.mark.parametrize(
    "arguments",
    [
        ("flows_start", "refund", "--as", "rita"),
        ("flows_pending",),
        ("flows_answer", NOBODY, "--value", "1", "--as", "x"),
        ("flows_show", NOBODY),
        ("flows_doctor",),
        ("flows_prune", "--older-than", "1d"),
        ("check_integrity",),
        ("verify_audit",),
    ],
)
def test_a_database_that_is_away_is_said_in_one_sentence(arguments):
    settings_away = {"DATABASE_URL": "postgresql://a:b@127.0.0.1:9/none"}
    done = run(arguments, DJANGO_SETTINGS_MODULE="approvals_site.settings", **settings_away)
    assert done.returncode == 2
    assert "The database cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_process_itself_ends_with_2_and_without_a_traceback():
    done = run(("flows_start", "nope"), DJANGO_SETTINGS_MODULE="approvals_site.settings_test")
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no flow “nope”" in done.stderr
    assert "Traceback" not in done.stderr


def run(arguments, **environment) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("limit", ["-5", "0", "many", "9" * 20])
def test_a_limit_that_is_no_count_is_refused(limit):
    with pytest.raises(CommandError, match="--limit"):
        call_command("flows_pending", "--limit", limit)


@pytest.mark.parametrize("queues", ["", ",", "gpu,", "a\0b", "a\nb", "x" * 65, "\ud800"])
def test_a_worker_of_no_queue(queues):
    assert "--queues" in refused("flows_worker", "--until-idle", "--queues", queues)
