"""Activations that run away from their host: open, parked, and committed when their outcome is back."""

import asyncio
import json

import pytest

from flows.engine import (
    Core,
    DefinitionError,
    Outcome,
    RaisedElsewhere,
    Status,
    TriggerFlow,
    away_as,
    next_instant,
    outcome_from_json,
    outcome_to_json,
    run,
    send_away,
)


def heavy_flow(**options) -> TriggerFlow:
    flow = TriggerFlow(name="heavy")

    @flow.chunk("heavy", run_on="celery", **options)
    def heavy(data):
        data.set_state("a.b", data.input)
        data.append_state("list", 1)
        data.del_state("gone")
        data.emit("Done", {"n": data.input})
        data.put_into_stream("half")
        data.set_result([data.input])
        return data.input + 1

    flow.to(heavy).to(flow.chunk("keep")(lambda data: data.set_state("kept", data.input)))
    return flow


def sent(flow, value=1):
    """A core whose first chunk is away as "r1", and that chunk."""
    core = Core.create(flow.definition, "e")
    core.start(value)
    (activation,) = core.startable(0.0)
    send_away(core, activation, "r1")
    return core, activation


def carried(outcome: Outcome) -> Outcome:
    """As it comes back, over JSON."""
    return outcome_from_json(json.loads(json.dumps(outcome_to_json(outcome, lambda error: "trace"))))


def test_what_is_away_is_open_and_keeps_nobody_busy():
    core, _ = sent(heavy_flow())
    assert (list(core.startable(1e12)), core.running, core.is_idle) == ([], {}, False)
    assert core.status is Status.RUNNING
    assert next_instant(core) is None


def test_its_outcome_is_the_same_as_if_it_had_run_here():
    flow = heavy_flow()
    here, there = Core.create(flow.definition, "e"), None
    here.start(1)
    (activation,) = here.take()
    local = here.commit(activation, asyncio.run(run(here, activation)))
    there, activation = sent(flow)
    remote = there.commit(activation, carried(asyncio.run(run(there, activation))))
    assert here.save() == there.save()
    assert (
        (local.streamed, local.emitted)
        == (remote.streamed, remote.emitted)
        == (["half"], [("Done", {"n": 1})])
    )


def test_a_question_asked_away_opens_with_its_timers():
    flow = TriggerFlow(name="asks")
    flow.to(flow.chunk("ask", run_on="celery")(lambda data: data.pause_for(interrupt_id="q", due_in=5)))
    core, activation = sent(flow)
    core.clock = lambda: 100.0
    changes = core.commit(activation, carried(asyncio.run(run(core, activation))))
    assert (changes.opened[0].id, next_instant(core), core.status) == ("q", 105.0, Status.WAITING)


def test_it_survives_being_saved_and_loaded():
    flow = heavy_flow()
    core, _ = sent(flow)
    loaded = Core.load(flow.definition, json.loads(json.dumps(core.save())))
    assert list(loaded.startable(1e12)) == []
    assert away_as(loaded, 1, "another run") is None
    activation = away_as(loaded, 1, "r1")
    loaded.commit(activation, Outcome(output=5))
    assert [a.value for a in loaded.ready.values()] == [5]
    assert "away" not in json.dumps(loaded.save())


def test_an_outcome_counts_once_and_never_after_a_cancel():
    core, activation = sent(heavy_flow())
    core.commit(activation, Outcome(output=2))
    core.commit(activation, Outcome(output=3))
    assert [a.value for a in core.ready.values()] == [2]
    core, activation = sent(heavy_flow())
    core.cancel()
    assert away_as(core, activation.id, "r1") is None
    core.commit(activation, Outcome(output=2))
    assert core.ready == {}


def test_what_it_raised_keeps_its_name_and_counts_as_an_attempt():
    core, activation = sent(heavy_flow(retries=1))
    core.commit(activation, carried(Outcome(error=KeyError("no such key"))))
    (again,) = core.startable(1e12)
    assert (again.attempt, again.away) == (2, None)
    send_away(core, again, "r2")
    core.commit(again, carried(Outcome(error=KeyError("no such key"))))
    (failure,) = core.failures
    assert (core.status, failure.type, failure.message) == (Status.FAILED, "KeyError", "'no such key'")


@pytest.mark.parametrize("damaged", [None, [], {}, {"effects": [[]], "output": 1}, {"error": {"type": "E"}}])
def test_what_is_no_outcome_fails_the_chunk(damaged):
    assert isinstance(outcome_from_json(damaged).error, RaisedElsewhere)


def test_it_is_not_called_waiting_while_something_is_away():
    flow = TriggerFlow(name="beside")
    flow.to(flow.chunk("ask")(lambda data: data.pause_for(interrupt_id="q")))
    flow.to(flow.chunk("heavy", run_on="celery")(lambda data: 1))
    core = Core.create(flow.definition, "e")
    core.start(None)
    ask, heavy = core.startable(0.0)
    send_away(core, heavy, "r1")
    core.take()
    core.commit(ask, asyncio.run(run(core, ask)))
    assert core.status is Status.RUNNING
    core.commit(heavy, Outcome())
    assert core.status is Status.WAITING


def test_a_script_runs_it_in_its_own_process():
    flow = heavy_flow()
    assert flow.start(1)["kept"] == 2
    core, _ = sent(flow)
    loaded = flow.create_execution(auto_close_timeout=0).load(core.save())
    assert loaded.get_result(timeout=5) == [1]


def test_a_fleet_that_does_not_exist_is_refused_where_it_is_written():
    flow = TriggerFlow(name="wrong")
    for wrong in ("Celery", "", 1, True):
        with pytest.raises(DefinitionError, match="run_on"):
            flow.chunk("heavy", run_on=wrong)(lambda data: None)


def test_a_chunk_that_runs_elsewhere_is_in_no_queue_of_flows_workers():
    flow = TriggerFlow(name="wrong")
    with pytest.raises(DefinitionError, match="queue='gpu' names flows workers"):
        flow.chunk("heavy", run_on="celery", queue="gpu")(lambda data: None)


def test_a_condition_cannot_be_sent_away():
    flow = TriggerFlow(name="wrong")
    is_large = flow.chunk("is large", run_on="celery")(lambda data: True)
    with pytest.raises(DefinitionError, match="cannot run on celery"):
        flow.if_condition(is_large)
    with pytest.raises(DefinitionError, match="cannot run on celery"):
        flow.match().case(is_large)
