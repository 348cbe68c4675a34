"""Random flows whose branches may end early: saved and loaded at every step they come to the same end,
no join, sub flow or collection is left behind, and what is counted as open is what is open."""

import itertools
import json
import random

import pytest

from flows import TriggerFlow
from flows.engine import snapshot
from flows.engine.occupancy import Occupancy

TARGETS = {"next": {}, "self": {"resume_to": "self"}, "event": {"resume_event": "Said"}, "two": {}}
KINDS = ["plain", "plain", "next", "self", "event", "two", "fails"]


class Builder:
    def __init__(self, seed):
        self.random, self.numbers = random.Random(seed), itertools.count()

    def flow(self, depth):
        flow = TriggerFlow(name=f"flow {next(self.numbers)}")
        last = self.chain(flow, flow.chain, depth)
        last.to(self.named(flow, "end", lambda data: data.set_result(data.input)))
        flow.when("Said").to(self.named(flow, "hears", lambda data: data.append_state("heard", data.input)))
        return flow

    def chain(self, flow, chain, depth):
        for _ in range(self.random.randint(1, 2)):
            chain = self.random.choice([self.step, self.block] if depth else [self.step])(flow, chain, depth)
        return chain

    def step(self, flow, chain, depth):
        add = self.random.choice([chain.to, chain.to, chain.side_branch, chain.batch])
        return add(*[self.chunk(flow) for _ in range(2 if add == chain.batch else 1)])

    def block(self, flow, chain, depth):
        kind = self.random.choice(["each", "match", "sub", "collect"])
        if kind == "each":
            return self.chain(
                flow, chain.for_each(self.random.choice([None, 1, 2])), depth - 1
            ).end_for_each()
        if kind == "sub":
            return chain.to(self.flow(depth - 1))
        if kind == "collect":
            name = f"collect {next(self.numbers)}"
            return [chain.to(self.chunk(flow)).collect(name, branch) for branch in "ab"][-1]
        hits = self.named(flow, "hits", lambda data: True)
        chain = self.chain(
            flow, chain.match(self.random.choice(["hit_first", "hit_all"])).case(hits), depth - 1
        )
        return self.chain(flow, chain.case_else(), depth - 1).end_match()

    def named(self, flow, name, function):
        return flow.chunk(f"{name} {next(self.numbers)}")(function)

    def chunk(self, flow):
        kind = self.random.choice(KINDS)
        return self.named(flow, kind, lambda data: does(data, kind))


def does(data, kind):
    if kind == "fails":
        raise OSError
    if kind == "plain" or data.is_resume:
        return data.input
    id = f"{data.chunk_name} {data.idempotency_key.split(':')[1]}"
    if kind == "two":
        data.pause_for(interrupt_id=f"{id} as well")
    return data.pause_for(interrupt_id=id, **TARGETS[kind])


def run(seed, *, saves):
    flow, choose = Builder(seed).flow(2), random.Random(seed)
    execution = flow.start_execution([1, [2, 3]], auto_close=False, skip_exceptions=True)
    while pending := sorted(execution.get_pending_interrupts()):
        if saves:
            saved = json.loads(json.dumps(execution.save()))
            execution = flow.create_execution(auto_close=False, skip_exceptions=True).load(saved)
        execution.continue_with(choose.choice(pending), "an answer")
        assert_counts(execution._core)
    return execution.save()


def assert_counts(core):
    counted = Occupancy()
    for place in snapshot._open_places(core):
        counted.enter(place)
    assert core.open._counts == counted._counts


@pytest.mark.parametrize("seed", range(150))
def test_loading_at_every_step_changes_nothing_and_leaves_nothing(seed):
    end = run(seed, saves=False)
    assert end | {"execution_id": ""} == run(seed, saves=True) | {"execution_id": ""}
    assert not end["joins"]
    assert "frames" not in end
    assert not [g for g in end.get("gathered", ()) if g["scope"] or g.get("frame")]
