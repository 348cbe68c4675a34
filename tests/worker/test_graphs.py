"""The same random graphs as in a plain script, under the worker: one implementation, two hosts."""

import random
from collections import Counter

import pytest

from flows import registry
from flows.engine import plain_json
from flows.models import Interrupt
from flows.registry import register
from flows.services import executions, interrupts
from tests.durable import reload, work
from tests.engine import graphs

pytestmark = pytest.mark.django_db(transaction=True)

ASK, AGAIN, PLAIN, FRAGILE = ({"kind": kind} for kind in ("next", "self", "plain", "fragile"))
PROGRAMS = {
    "batch in a loop in a loop": [
        {"kind": "each", "n": 2, "limit": None, "body": [
            {"kind": "each", "n": 2, "limit": 1, "body": [
                {"kind": "batch", "branches": ["next", "self", "fragile"], "limit": None}]}]}],
    "choices with pauses": [
        {"kind": "match", "bodies": [[ASK, PLAIN], [AGAIN, FRAGILE]]},
        {"kind": "if", "then": [ASK, {"kind": "side"}], "else": [AGAIN]},
        {"kind": "event"}, PLAIN],
    "sub flows in loops": [
        {"kind": "each", "n": 3, "limit": 2, "body": [
            {"kind": "sub", "body": [ASK, {"kind": "sub", "body": [AGAIN, FRAGILE]}]}]}, {"kind": "retried"}],
}  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_graph_ends_as_the_model_says_in_any_order_of_answers(name, seed, monkeypatch):
    program, commits, order = graphs.numbered(PROGRAMS[name]), Counter(), random.Random(seed)
    monkeypatch.setattr(registry, "_registrations", dict(registry._registrations))
    register(graphs.Builder("graph", commits).build(program))
    result, log = graphs.expected(program, 10 + seed)
    execution = executions.start(flow="graph", input=10 + seed)
    work()
    while (status := reload(execution).status) != "completed":
        if status == "failed":
            executions.retry(execution_id=execution.pk)
        else:
            asked = order.choice(Interrupt.objects.filter(status="waiting").order_by("id"))
            interrupts.decide(interrupt_id=asked.pk, answer=graphs.answer_to(plain_json(asked.payload)))
        work()
    assert reload(execution).result == result
    assert commits == log
