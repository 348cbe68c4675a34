"""ENGINE.md lists twelve mistakes. Number 9 is in tests/worker/test_takeover.py, 11 in test_sub_flows.py."""

import json

import pytest

from flows import TriggerFlow
from flows.engine import TriggerFlow as EngineFlow


def keep(data):
    data.append_state("kept", data.input)


def gate(name, log):
    def chunk(data):
        log.append((name, data.is_resume))
        return data.resume.value if data.is_resume else data.pause_for(interrupt_id=name, resume_to="self")

    return chunk


def reloaded(flow, execution):
    return flow.create_execution(auto_close=False).load(json.loads(json.dumps(execution.save())))


def test_01_answering_one_of_two_self_pauses_runs_only_that_chunk():
    log, flow = [], TriggerFlow(name="batch")
    flow.batch(flow.chunk("pay")(gate("pay", log)), flow.chunk("delete")(gate("delete", log))).to(keep)
    execution = flow.start_execution(auto_close=False)
    log.clear()
    execution.continue_with("pay", "paid")
    assert log == [("pay", True)]


def test_02_a_chunk_that_emits_and_then_pauses_resumes_itself():
    log, flow = [], TriggerFlow(name="emits")

    def ask(data):
        log.append(data.is_resume)
        if data.is_resume:
            return data.resume.value
        data.emit("Noted", 1)
        return data.pause_for(interrupt_id="q", resume_to="self")

    flow.to(ask).to(keep)
    flow.when("Noted").to(flow.chunk("noted")(lambda data: log.append("noted")))
    execution = flow.start_execution(auto_close=False)
    execution.continue_with("q", "answer")
    assert log == [False, "noted", True]
    assert execution.close() == {"kept": ["answer"]}


@pytest.mark.parametrize("concurrency", [None, 1, 2, 5])
def test_03_for_each_with_a_pause_completes_with_any_concurrency(concurrency):
    log, flow = [], TriggerFlow(name="each")

    def ask(data):
        return (
            data.resume.value if data.is_resume else data.pause_for(resume_to="self", interrupt_id=data.input)
        )

    flow.for_each(concurrency).to(ask).end_for_each().to(keep)
    execution = flow.start_execution(["a", "b", "c"], auto_close=False)
    while waiting := execution.get_pending_interrupts():
        log.append(max(waiting))
        execution.continue_with(max(waiting), max(waiting) * 2)
    assert execution.close() == {"kept": [["aa", "bb", "cc"]]}
    assert sorted(log) == ["a", "b", "c"]


def test_04_a_loaded_join_waits_for_its_last_branch():
    log, flow = [], TriggerFlow(name="load")
    flow.batch(flow.chunk("a")(gate("a", log)), flow.chunk("b")(gate("b", log))).to(keep)
    execution = reloaded(flow, flow.start_execution(auto_close=False))
    execution.continue_with("a", 1)
    execution = reloaded(flow, execution)
    assert execution.save()["state"] == {}
    execution.continue_with("b", 2)
    assert execution.close() == {"kept": [{"a": 1, "b": 2}]}


def test_05_a_chunk_that_finishes_while_another_waits_keeps_its_continuation():
    flow = TriggerFlow(name="continuation")
    flow.to(flow.chunk("ask")(gate("q", []))).to(keep)
    flow.to(flow.chunk("quick")(lambda data: "quick")).to(
        flow.chunk("then")(lambda data: data.input + "!")
    ).to(keep)
    execution = flow.start_execution(auto_close=False)
    assert execution.save()["state"] == {"kept": ["quick!"]}


def test_06_self_does_not_run_the_other_chunks_of_its_event():
    log, flow = [], TriggerFlow(name="siblings")
    flow.to(flow.chunk("start")(lambda data: data.emit("E", 1)))
    flow.when("E").to(flow.chunk("asks")(gate("q", log))).to(keep)
    flow.when("E").to(flow.chunk("sibling")(lambda data: log.append("sibling")))
    execution = flow.start_execution(auto_close=False)
    assert log.count("sibling") == 1
    execution.continue_with("q", 1)
    assert log.count("sibling") == 1


def test_07_the_hundredth_approval_is_as_large_as_the_first():
    flow = TriggerFlow(name="sequential")

    def ask(data):
        return data.pause_for(interrupt_id=f"{data.input:05}", resume_event="Again")

    flow.to(ask)
    flow.when("Again").to(ask)
    execution = flow.start_execution(0, auto_close=False)
    sizes = []
    for number in range(1, 101):
        execution.continue_with(f"{number - 1:05}", number)
        sizes.append(len(json.dumps(execution.save())))
    assert sizes[-1] <= sizes[0] * 1.02


def test_08_moved_and_commented_code_loads_waiting_executions():
    def build(lines):
        source = "\n" * lines + (
            "# a comment\ndef ask(data):\n    return data.pause_for(interrupt_id='q')\n"
            "def keep(data):\n    data.set_state('kept', data.input)\n"
        )
        names = {}
        exec(source, names)
        flow = EngineFlow(name="moved")
        if lines:
            flow.to(flow.chunk("unrelated")(lambda data: None)).to(names["keep"])
        flow.to(names["ask"]).to(names["keep"])
        return flow

    saved = json.loads(json.dumps(build(0).start_execution(auto_close=False).save()))
    execution = build(7).create_execution(auto_close=False).load(saved)
    execution.continue_with("q", "yes")
    assert execution.close() == {"kept": "yes"}


def test_10_a_failure_after_an_answer_keeps_the_answer_through_save_and_load():
    broken, flow = [True], TriggerFlow(name="failure")

    def pay(data):
        if broken:
            raise OSError("no connection")
        data.set_state("paid", data.input)

    flow.to(flow.chunk("ask")(gate("q", []))).to(pay)
    execution = flow.start_execution(auto_close=False)
    with pytest.raises(OSError, match="no connection"):
        execution.continue_with("q", "approved")
    execution = reloaded(flow, execution)
    broken.clear()
    execution.retry()
    assert execution.close() == {"paid": "approved"}


@pytest.mark.parametrize(
    "target", ["Self", "previous", {"events": "E"}, {"event": ""}, 3, {"event": "a", "b": 1}]
)
def test_12_an_unknown_target_raises_at_the_call(target):
    flow = TriggerFlow(name="target")
    flow.to(flow.chunk("ask")(lambda data: data.pause_for(resume_to=target)))
    with pytest.raises(ValueError, match=r"resume_to is|event is named"):
        flow.start_execution()
