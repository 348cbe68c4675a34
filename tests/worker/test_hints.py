"""Hints make it fast; without them it still happens."""

import json
import threading

import pytest
from django.db import ProgrammingError, connection, transaction

from flows.live import hints
from flows.services import executions, interrupts
from flows.store.connection import listening
from tests.durable import ask, reload, somebody_waits_for_a_lock, until, work, working

pytestmark = pytest.mark.django_db(transaction=True)
GATE = 4  # an advisory lock


@pytest.fixture
def heard():
    """What was notified on the channel for browsers since the last call."""
    with listening(hints.LIVE) as listener:
        yield lambda: hints.flush(20) and {n.payload for n in listener.notifies(timeout=0.2)}


def test_a_start_is_heard_at_once_although_the_next_look_is_far_away(settings):
    settings.FLOWS_POLL_SECONDS = 60
    with working() as dispatcher:
        until(lambda: not dispatcher._claiming.look)
        execution = executions.start(flow="ask", input={})
        until(lambda: reload(execution).status == "waiting")


def test_a_lost_hint_costs_one_look(settings, monkeypatch):
    settings.FLOWS_POLL_SECONDS = 0.05
    monkeypatch.setattr(hints, "WORK", "a channel that nobody hears")
    with working() as dispatcher:
        until(lambda: not dispatcher._claiming.look)
        execution = executions.start(flow="ask", input={})
        until(lambda: reload(execution).status == "waiting")


def test_a_failing_hint_fails_nothing(monkeypatch, rita):
    monkeypatch.setattr(hints, "NOTIFY", "SELECT no_such_function(%s)")
    execution = executions.start(flow="ask", input={}, by=rita)
    assert reload(execution).status == "created"


def test_hints_name_what_changed_and_nothing_of_its_content(heard, rita, fiona):
    interrupt = ask(rita, payload={"title": "Secret"}, policy={"groups": ["Finance"]})
    opened = "".join(heard())
    assert f"execution:{interrupt.execution_id}" in opened
    assert "inbox:g:Finance" in opened
    assert "Secret" not in opened
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True, "comment": "Secret"}, by=fiona)
    answered = "".join(heard())
    assert "inbox:g:Finance" in answered
    assert "Secret" not in answered
    work()
    assert f"execution:{interrupt.execution_id}" in "".join(heard())


def test_what_is_said_while_another_hint_is_on_its_way_goes_out_together_after_it(heard, monkeypatch):
    monkeypatch.setattr(hints, "NOTIFY", f"SELECT pg_advisory_xact_lock_shared({GATE}); {hints.NOTIFY}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [GATE])
        first = threading.Thread(target=lambda: (hints.send({"first"}), connection.close()))
        first.start()
        until(somebody_waits_for_a_lock)
        hints.send({"second"})
        hints.send({"third"})
        cursor.execute("SELECT pg_advisory_unlock(%s)", [GATE])
    first.join(20)
    assert heard() == {'["first"]', '["second","third"]'}


def test_many_hints_in_a_row_take_few_notifications(heard, monkeypatch):
    monkeypatch.setattr(hints, "GAP_SECONDS", 1.0)
    hints.flush(20)
    hints._begin_anew()
    for number in range(100):
        hints.send({f"execution:{number}"})
    assert len(heard()) == 2  # the first one at once, and all others


def test_a_process_that_ends_says_what_it_has_to_say(heard, processes):
    processes.command("shell", "-c", "from flows.live.hints import send; send({'a'}); send({'b'})").wait(60)
    assert heard() == {'["a"]', '["b"]'}


def test_after_a_hint_that_failed_the_next_one_goes_out(heard, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(hints, "NOTIFY", "SELECT no_such_function(%s)")
        with pytest.raises(ProgrammingError):
            hints.send({"first"})
    hints.send({"second"})
    assert heard() == {'["second"]'}


def test_a_rolled_back_start_is_never_heard(heard):
    with transaction.atomic():
        executions.start(flow="ask", input={})
        transaction.set_rollback(True)
    assert heard() == set()


def test_many_topics_are_split_and_too_many_become_everything():
    some = {f"execution:{n:036}" for n in range(300)}
    payloads = list(hints.payloads(some))
    assert len(payloads) > 1
    assert all(len(payload) <= hints.MAX_BYTES for payload in payloads)
    assert set().union(*(json.loads(payload) for payload in payloads)) == some
    assert list(hints.payloads({f"execution:{n:036}" for n in range(3000)})) == ['["*"]']
