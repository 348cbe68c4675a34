"""A sub flow in a loop, under the durable worker: each pause is a question of its own."""

import itertools

import pytest

from flows.models import Interrupt
from flows.services import executions, interrupts
from tests.durable import reload, work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("order", list(itertools.permutations("abc")))
def test_every_item_asks_and_the_loop_ends_once_all_are_answered(order):
    execution = executions.start(flow="loop", input=["a", "b", "c"])
    work()
    assert set(Interrupt.objects.values_list("title", flat=True)) == {"a", "b", "c"}
    for title in order:
        stages = {step.label: step.status for step in executions.progress(reload(execution))}
        assert (stages["child"], stages["keep all"]) == ("waiting", "todo")
        interrupts.decide(interrupt_id=Interrupt.objects.get(title=title).pk, answer=title.upper())
        work()
    assert reload(execution).result == [{"said": "A"}, {"said": "B"}, {"said": "C"}]
    assert reload(execution).status == "completed"
