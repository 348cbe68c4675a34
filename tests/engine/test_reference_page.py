"""The reference page's own examples, with only the import line changed."""

import asyncio
import json
import subprocess
import sys

from flows import TriggerFlow, TriggerFlowRuntimeData

WORKED_EXAMPLE = """
import asyncio
import sys
from flows import TriggerFlow, TriggerFlowRuntimeData


async def main():
    flow = TriggerFlow(name="approval")

    async def ask(data: TriggerFlowRuntimeData):
        return await data.async_pause_for(
            type="approval",
            payload={"question": f"Approve refund for ticket {data.input}?"},
            resume_to="next",
        )

    async def commit(data: TriggerFlowRuntimeData):
        await data.async_set_state("decision", data.input)

    flow.to(ask).to(commit)
    execution = flow.create_execution(auto_close=False)
    await execution.async_start("T-001")
    interrupt_id = next(iter(execution.get_pending_interrupts()))
    await execution.async_continue_with(interrupt_id, {"approved": True})
    snapshot = await execution.async_close()
    print(snapshot["decision"])
    assert "django" not in sys.modules


asyncio.run(main())
"""

BUILD = """
import json, sys
from flows import TriggerFlow

flow = TriggerFlow(name="two-processes")
def ask(data):
    return data.pause_for(type="approval", payload={"topic": data.input})
def commit(data):
    data.set_state("decision", [data.input, data.require_resource("stamp")])
flow.to(ask).to(commit)
execution = flow.create_execution(auto_close=False, runtime_resources={"stamp": sys.argv[1]})
"""
SAVE = (
    BUILD
    + """
execution.start("topic")
print(json.dumps(execution.save()))
"""
)
LOAD = (
    BUILD
    + """
execution.load(json.load(sys.stdin))
execution.continue_with(next(iter(execution.get_pending_interrupts())), {"approved": True})
print(json.dumps(execution.close()))
"""
)


def python(source: str, *arguments: str, stdin: str = "") -> str:
    command = [sys.executable, "-W", "error", "-c", source, *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=True)
    return done.stdout


def test_worked_example_runs_in_a_plain_script_without_django():
    assert python(WORKED_EXAMPLE) == "{'approved': True}\n"


def test_saved_in_one_process_it_is_answered_in_another():
    saved = python(SAVE, "first")
    assert json.loads(python(LOAD, "second", stdin=saved)) == {"decision": [{"approved": True}, "second"]}


def test_self_runs_the_same_chunk_again_with_the_answer():
    flow = TriggerFlow(name="gate")
    runs = []

    async def gate(data: TriggerFlowRuntimeData):
        runs.append((data.input, data.is_resume))
        if data.is_resume:
            return {"decision": data.resume.value, "asked": data.resume.interrupt["payload"]}
        return await data.async_pause_for(type="approval", payload={"question": "Approve?"}, resume_to="self")

    flow.to(gate).to(keep)
    assert answered(flow, "yes") == {"kept": {"decision": "yes", "asked": {"question": "Approve?"}}}
    assert runs == [("input", False), ("input", True)]


def test_event_target_emits_the_event_with_the_answer():
    for target in ({"resume_to": {"event": "ApprovalGiven"}}, {"resume_event": "ApprovalGiven"}):
        flow = TriggerFlow(name="event")

        def ask(data, target=target):
            return data.pause_for(type="approval", **target)

        flow.to(ask).to(never)
        flow.when("ApprovalGiven").to(keep)
        assert answered(flow, {"approved": True}) == {"kept": {"approved": True}}


def test_several_interrupts_wait_at_once_and_resolve_one_at_a_time():
    async def story():
        flow = TriggerFlow(name="parallel")
        for name in ("legal", "finance"):
            flow.to(flow.chunk(name)(lambda data, name=name: data.pause_for(interrupt_id=name))).to(collect)
        execution = await flow.async_start_execution("doc", auto_close=False)
        assert set(execution.get_pending_interrupts()) == {"legal", "finance"}
        await execution.async_continue_with("finance", "paid")
        assert set(execution.get_pending_interrupts()) == {"legal"}
        assert execution.is_waiting()
        await execution.async_continue_with("legal", "fine")
        return await execution.async_close()

    assert asyncio.run(story()) == {"answers": ["paid", "fine"]}


def keep(data):
    data.set_state("kept", data.input)


def collect(data):
    data.append_state("answers", data.input)


def never(data):
    raise AssertionError("must not run")


def answered(flow: TriggerFlow, value: object) -> dict[str, object]:
    """Start `flow`, answer its only interrupt, close it."""
    execution = flow.start_execution("input", auto_close=False)
    execution.continue_with(next(iter(execution.get_pending_interrupts())), value)
    return execution.close()
