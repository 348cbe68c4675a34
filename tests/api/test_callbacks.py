"""Another program answers at an address that the flow gave it, before or after the question is asked."""

import json

import pytest
from django.test import Client

from flows.models import Message, Response
from flows.services import callbacks, executions
from tests.durable import ask, intact, reload, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def program() -> Client:
    """Somebody without a session or a token against forgery."""
    return Client(enforce_csrf_checks=True)


def post(program, address, body):
    path = address.removeprefix("http://localhost:8000")
    return program.post(path, body if isinstance(body, str) else json.dumps(body), "application/json")


@pytest.fixture(autouse=True)
def base(settings):
    settings.FLOWS_BASE_URL = "http://localhost:8000/"


def address_of(interrupt) -> str:
    return callbacks.address(interrupt.execution_id, interrupt.key)


def test_an_answer_closes_the_question(program):
    interrupt = ask(type="webhook", interrupt_id="paid/by card")
    told = post(program, address_of(interrupt), {"amount": 5})
    assert told.status_code == 200
    work()
    assert reload(interrupt.execution).result == {"amount": 5}
    assert Response.objects.get().door == "webhook"
    intact()


def test_an_answer_before_its_question_is_kept_and_used_once(program):
    execution = executions.start(flow="ask", input={"type": "webhook", "interrupt_id": "paid"})
    address = callbacks.address(execution.pk, "paid")
    assert [post(program, address, 5).status_code for _ in range(2)] == [202, 202]
    assert post(program, address, 6).status_code == 409
    assert Message.objects.count() == 1
    work()
    assert reload(execution).result == 5
    intact()


def test_the_same_answer_again_is_the_first_one_and_another_is_refused(program):
    address = address_of(ask(type="webhook"))
    assert [post(program, address, {"a": 1}).status_code for _ in range(2)] == [200, 200]
    assert post(program, address, {"a": 2}).status_code == 409
    assert Response.objects.count() == 1


def test_an_address_that_nobody_gave_away_does_not_exist(program):
    interrupt = ask(type="webhook")
    address = address_of(interrupt)
    for wrong in (address + "x", address.replace("callbacks/0", "callbacks/1"), address[:-1]):
        assert post(program, wrong, 1).status_code == 404
    assert not Response.objects.exists()


def test_an_answer_that_does_not_fit_is_told_where(program):
    schema = {"type": "object", "properties": {"amount": {"type": "number"}}, "required": ["amount"]}
    told = post(program, address_of(ask(type="webhook", response_schema=schema)), {"amount": "much"})
    assert told.status_code == 422
    assert told.json()["problems"][0]["path"] == ["amount"]


@pytest.mark.parametrize("body", ["", "{", "NaN", "[" * 100_000, '"\\u0000"', '"\\ud800"'])
def test_what_is_no_json_is_refused(program, body):
    assert post(program, address_of(ask(type="webhook")), body).status_code == 400


def test_what_is_too_long_is_refused(program):
    told = post(program, address_of(ask(type="webhook")), '"' + "x" * 600_000 + '"')
    assert told.status_code == 413


def test_a_question_that_is_over_is_gone(program):
    interrupt = ask(type="webhook")
    executions.cancel(execution_id=interrupt.execution_id, reason="No more")
    assert post(program, address_of(interrupt), 1).status_code == 410


def test_the_page_of_the_execution_names_the_address_to_who_started_it(client, rita, fiona):
    interrupt = ask(rita, type="webhook", policy={"users": ["fiona"]})
    for person, sees in ((rita, True), (fiona, False)):
        client.force_login(person)
        page = client.get(interrupt.execution.get_absolute_url()).content.decode()
        assert (address_of(interrupt) in page) is sees


def test_nothing_but_a_post_is_taken(program):
    assert (
        program.get(address_of(ask(type="webhook")).removeprefix("http://localhost:8000")).status_code == 405
    )
