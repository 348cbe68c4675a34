"""Timers of interrupts and retries in a plain script, on a clock that the test moves."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from flows import TriggerFlow
from flows.engine import (
    AlreadyResolved,
    Execution,
    InterruptExpired,
    TooManyResumes,
    canonical_json,
    fire,
    next_instant,
)

NOON = 1_800_000_000.0


class Clock:
    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


def asking(clock, **options):
    """A waiting execution of a flow that asks with these options of `pause_for`."""
    flow = TriggerFlow(name="asking")
    ask = flow.chunk("ask")(lambda data: data.pause_for(interrupt_id="sign", **options))
    flow.to(ask).to(flow.chunk("keep")(lambda data: data.set_result(data.input)))
    execution = Execution(flow.definition, auto_close_timeout=0, clock=clock)
    execution.start()
    return execution


def test_people_see_when_it_is_due_and_when_it_expires():
    execution = asking(Clock(), due_in=60, expires_in=timedelta(hours=1), on_expire="cancel", priority="high")
    shown = execution.get_interrupt("sign")
    assert shown["due_at"] == datetime.fromtimestamp(NOON + 60, UTC)
    assert shown["expires_at"] == datetime.fromtimestamp(NOON + 3600, UTC)
    assert (shown["on_expire"], shown["priority"]) == ("cancel", "high")


def test_it_is_answered_by_its_author_when_the_time_is_over():
    clock = Clock()
    execution = asking(clock, expires_in=60, on_expire={"approved": False})
    clock.now += 59.9
    assert execution.is_waiting()
    clock.now += 0.1
    assert execution.get_pending_interrupts() == {}
    assert execution.close()["$final_result"] == {"approved": False}
    with pytest.raises(AlreadyResolved, match="expired by the clock"):
        execution.continue_with("sign", True)


def test_waiting_for_the_result_waits_for_the_expiry():
    import time

    execution = asking(time.time, expires_in=0.05, on_expire="too late")
    assert execution.get_result(timeout=5) == "too late"


def test_it_may_cancel():
    clock = Clock()
    execution = asking(clock, expires_in=60, on_expire="cancel")
    clock.now += 60
    assert execution.status == "cancelled"


def test_it_may_fail_and_a_retry_asks_again():
    clock = Clock()
    execution = asking(clock, expires_in=60, on_expire="fail")
    clock.now += 60
    assert execution.status == "failed"
    with pytest.raises(InterruptExpired, match="in time"):
        execution.get_result()
    execution.retry()
    assert execution.get_interrupt("sign")["expires_at"] == datetime.fromtimestamp(NOON + 120, UTC)


@pytest.mark.parametrize("on_expire", ["fail", {"approved": False}])
def test_a_chunk_that_asks_again_has_its_input(on_expire):
    """An author's answer that its form no longer takes counts as a failure, too."""
    flow = TriggerFlow(name="asking")
    flow.to(flow.chunk("ask")(lambda data: data.pause_for(data.input, expires_in=60, on_expire=on_expire)))
    core = flow.start_execution("approval")._core
    core.expire(next(iter(core.interrupts)))
    core.retry()
    assert [activation.value for activation in core.ready.values()] == ["approval"]


def test_the_time_runs_on_while_it_is_saved():
    clock = Clock()
    saved = json.loads(json.dumps(asking(clock, expires_in=60, on_expire="gone").save()))
    clock.now += 61
    loaded = asking(clock, expires_in=60, on_expire="gone")
    loaded = Execution(loaded._core.definition, auto_close_timeout=0, clock=clock).load(saved)
    assert loaded.get_result() == "gone"


def test_an_answer_in_time_is_the_answer():
    clock = Clock()
    execution = asking(clock, expires_in=60, on_expire="gone", remind_after=[10, 20], due_in=30)
    clock.now += 40
    execution.continue_with("sign", "yes")
    clock.now += 40
    assert execution.close()["$final_result"] == "yes"


def test_reminders_and_the_due_date_come_once_and_an_expiry_until_it_is_dealt_with():
    core = asking(Clock(), remind_after=[10, 20], due_in=15, expires_in=30, on_expire="gone")._core
    assert [kind for _, kind in fire(core, NOON + 9.9)] == []
    assert [kind for _, kind in fire(core, NOON + 15)] == ["remind", "due"]
    assert next_instant(core) == NOON + 20
    assert [kind for _, kind in fire(core, NOON + 30)] == ["remind", "expire"]
    assert [kind for _, kind in fire(core, NOON + 30)] == ["expire"]


def test_a_chunk_is_resumed_no_more_often_than_it_may():
    flow, seen = TriggerFlow(name="rounds"), []

    @flow.chunk
    def rounds(data):
        seen.append(data.is_resume)
        return data.pause_for(interrupt_id=f"round {len(seen)}", resume_to="self", max_resumes=2)

    flow.to(rounds)
    execution = flow.start_execution()
    execution.continue_with("round 1", "again")
    loaded = flow.create_execution().load(execution.save())
    with pytest.raises(TooManyResumes, match="2 times"):
        loaded.continue_with("round 2", "again")


@pytest.mark.parametrize(
    "options",
    [
        {"due_in": 0},
        {"due_in": "soon"},
        {"due_in": float("inf")},
        {"due_in": True},
        {"expires_in": -1, "on_expire": "cancel"},
        {"expires_in": 60},
        {"on_expire": "cancel"},
        {"remind_after": [10, 0]},
        {"priority": "very"},
        {"undo_seconds": -1},
        {"undo_seconds": 10**9},
        {"max_resumes": 0, "resume_to": "self"},
        {"max_resumes": 3},
    ],
)
def test_what_cannot_be_is_refused_at_the_call(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        asking(Clock(), **options)


def test_a_retry_waits_longer_each_time_and_spreads_out():
    clock, flow = Clock(), TriggerFlow(name="retrying")
    fails = flow.chunk("fails", retries=3, retry_delay=10)(lambda data: 1 / 0)
    flow.to(fails)
    delays = set()
    for number in range(20):
        core = Execution(flow.definition, clock=clock)._core
        core.execution_id = str(number)
        core.start(None)
        for base in (10, 20, 40):
            (activation,) = core.take(now=clock.now)
            core.commit(activation, failed())
            delay = core.ready[activation.id].not_before - clock.now
            assert base <= delay <= base * 1.25
            delays.add(delay)
            assert core.take(now=clock.now + delay - 0.001) == []
            core.ready[activation.id].not_before = 0
    assert len(delays) == 60


def failed():
    from flows.engine import Outcome

    return Outcome(error=ZeroDivisionError())


def test_options_are_json():
    execution = asking(Clock(), expires_in=60, on_expire={"at": datetime(2027, 1, 1, tzinfo=UTC)})
    assert canonical_json(execution.save())
    assert execution.get_interrupt("sign")["on_expire"] == {"at": datetime(2027, 1, 1, tzinfo=UTC)}
