"""11. An answer touches only its interrupt, and a join fires once: branches end in any order."""

import pytest

from flows.models import Interrupt, Message
from flows.services import executions, interrupts
from tests.durable import reload, until, work, working
from tests.flows_for_tests import flows
from tests.flows_for_tests.flows import Gate

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slow_gate():
    gate = flows.gates["slow"] = Gate()
    flows.gates["Ada"] = Gate()
    yield gate
    for left in flows.gates.values():
        left.open.set()
    flows.gates.clear()


def test_an_answered_branch_goes_on_while_another_chunk_still_runs(slow_gate):
    execution = executions.start(flow="beside", input="slow")
    with working():
        slow_gate.wait_until_reached()
        interrupt = until(lambda: Interrupt.objects.first())
        interrupts.decide(interrupt_id=interrupt.pk, answer="Ada")
        flows.gates["Ada"].wait_until_reached()
        flows.gates["Ada"].open.set()
        until(lambda: executions.state(reload(execution)).get("name") == "Ada")
        assert reload(execution).status == "running"
        assert not Message.objects.exists()
        slow_gate.open.set()
        until(lambda: reload(execution).status == "completed")


def test_what_an_answer_starts_is_shown_while_it_runs(slow_gate):
    """Not only when the chunk behind it has ended, which may take hours."""
    flows.gates["slow"].open.set()
    execution = executions.start(flow="beside", input="slow")
    work()
    interrupts.decide(interrupt_id=Interrupt.objects.get().pk, answer="Ada")
    with working():
        flows.gates["Ada"].wait_until_reached()
        until(lambda: reload(execution).status == "running")
        until(lambda: not Message.objects.exists())
        stages = {step.label: step.status for step in executions.progress(reload(execution))}
        assert (stages["question"], stages["named"]) == ("done", "running")
        flows.gates["Ada"].open.set()


@pytest.mark.parametrize("order", [("Legal", "Finance"), ("Finance", "Legal")])
def test_two_waits_join_in_any_order(order):
    execution = executions.start(flow="pair", input=None)
    work()
    for title in order:
        assert reload(execution).status == "waiting"
        interrupts.decide(interrupt_id=Interrupt.objects.get(title=title).pk, answer=title.lower())
        work()
    assert reload(execution).result == {"legal": "legal", "finance": "finance"}


def test_two_answers_before_any_worker_looks_are_both_applied():
    execution = executions.start(flow="pair", input=None)
    work()
    for interrupt in Interrupt.objects.all():
        interrupts.decide(interrupt_id=interrupt.pk, answer=interrupt.title)
    work()
    assert reload(execution).result == {"legal": "Legal", "finance": "Finance"}
