"""retries, retry_delay and timeout."""

import asyncio
import time

import pytest

from flows import TriggerFlow, register
from flows.engine import ChunkTimeout, DefinitionError


def failing(times, **options):
    """A flow whose chunk raises `times` times, then keeps what it saw of each attempt."""
    flow, seen = TriggerFlow(name="retries"), []

    @flow.chunk("fragile", **options)
    def fragile(data):
        seen.append((data.attempt, data.idempotency_key, data.get_state("left")))
        data.set_state("left", "behind")
        if len(seen) <= times:
            raise OSError("down")

    flow.to(fragile)
    return flow, seen


def test_a_chunk_runs_again_as_often_as_it_may_under_one_key():
    flow, seen = failing(2, retries=2)
    assert flow.start() == {"left": "behind"}
    assert [(attempt, left) for attempt, _, left in seen] == [(1, None), (2, None), (3, None)]
    assert len({key for _, key, _ in seen}) == 1


def test_when_every_attempt_raised_it_has_failed_and_retry_starts_over():
    flow, seen = failing(3, retries=1)
    execution = flow.create_execution(auto_close=False)
    with pytest.raises(OSError, match="down"):
        execution.start()
    assert (execution.status, len(seen)) == ("failed", 2)
    with pytest.raises(OSError, match="down"):
        execution.retry()
    execution.retry()
    assert [attempt for attempt, *_ in seen] == [1, 2, 3, 4]


def test_the_delay_is_waited_for():
    flow, _ = failing(2, retries=2, retry_delay=0.05)
    started = time.monotonic()
    flow.start()
    assert time.monotonic() - started >= 0.1


def test_an_async_chunk_that_takes_too_long_is_stopped():
    stopped, flow = [], TriggerFlow(name="slow")

    @flow.chunk("slow", timeout=0.02)
    async def slow(data):
        data.set_state("left", "behind")
        try:
            await asyncio.sleep(30)
        finally:
            stopped.append(True)

    flow.to(slow)
    execution = flow.create_execution(auto_close=False)
    with pytest.raises(ChunkTimeout, match=r"“slow” took longer than 0.02 seconds"):
        execution.start()
    assert stopped == [True]
    assert execution.close() == {}


def test_a_plain_chunk_that_took_too_long_leaves_nothing():
    flow = TriggerFlow(name="slow")

    @flow.chunk("slow", timeout=0.01)
    def slow(data):
        data.set_state("left", "behind")
        time.sleep(0.02)

    flow.to(slow)
    with pytest.raises(ChunkTimeout):
        flow.start()


def test_a_timeout_of_the_chunks_own_is_not_taken_for_ours():
    flow = TriggerFlow(name="own")

    @flow.chunk("own", timeout=5)
    async def own(data):
        raise TimeoutError("the bank's")

    flow.to(own)
    with pytest.raises(TimeoutError, match="the bank's") as caught:
        flow.start()
    assert not isinstance(caught.value, ChunkTimeout)


@pytest.mark.parametrize(
    "options", [{"retries": -1}, {"retries": True}, {"retry_delay": -1}, {"timeout": 0}, {"timeout": "5"}]
)
def test_wrong_options_are_refused_where_they_stand(options):
    with pytest.raises(DefinitionError, match=next(iter(options))):
        TriggerFlow(name="wrong").chunk("x", **options)(lambda data: None)


def test_a_condition_is_tried_again_too():
    flow = TriggerFlow(name="f")

    @flow.chunk(retries=1)
    def fragile(data):
        if data.attempt == 1:
            raise OSError
        return True

    flow.if_condition(fragile).to(flow.chunk("yes")(lambda data: data.set_result("yes"))).end_condition()
    assert flow.start()["$final_result"] == "yes"


@pytest.mark.parametrize("queue", ["", " gpu", "a,b", "a\nb", "x" * 65, "\ud800", 7, False])
def test_a_queue_has_a_name(queue):
    with pytest.raises(DefinitionError, match="queue is a name"):
        failing(0, queue=queue)
    with pytest.raises(ValueError, match="queue is a name"):
        register(failing(0)[0], queue=queue)


def test_a_script_runs_every_queue_and_the_graph_is_the_same():
    flow, seen = failing(0, queue="gpu")
    flow.start()
    assert len(seen) == 1
    other, _ = failing(0)
    assert flow.get_flow_config() == other.get_flow_config()
    assert flow.definition_hash == other.definition_hash
    assert [step.queue for step in flow.definition.steps.values()] == ["gpu"]


def test_a_decision_is_made_where_the_first_of_its_conditions_belongs():
    flow = TriggerFlow(name="decides")
    here = flow.chunk("here")(lambda data: False)
    there = flow.chunk("there", queue="gpu")(lambda data: True)
    end = flow.chunk("end")(lambda data: None)
    flow.if_condition(here).to(end).elif_condition(there).to(end).end_condition()
    assert {step.queue for step in flow.definition.steps.values() if step.conditions} == {"gpu"}
