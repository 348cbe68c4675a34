"""Flows whose workers are made to crash. Each chunk notes its run in a file outside the database, named by
the input, and in the state: the file knows every run, the state only what was committed."""

import os
import time
from pathlib import Path

from flows import TriggerFlow, register
from flows.models import Execution

WAIT_SECONDS = 20
PAUSES = ("interrupt_id", "expires_in", "on_expire", "remind_after", "resume_event", "undo_seconds")


def note(data, step: str) -> None:
    """The run of this chunk, whatever becomes of it."""
    line = f"{data.execution_id} {step} {data.idempotency_key}\n"
    descriptor = os.open(data.get_state("ledger"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, line.encode())
    os.close(descriptor)
    data.append_state("steps", step)


def begin(data):
    data.set_state("ledger", data.input["ledger"])
    note(data, "begin")
    return data.input


def question(data):
    note(data, "question")
    options = {name: data.input[name] for name in PAUSES if name in data.input}
    return data.pause_for(type="human_input", payload={"title": "Go on?"}, **options)


def finish(data):
    note(data, "finish")
    data.set_result({"steps": data.get_state("steps"), "answer": data.input})


def fails_once(data):
    """Raises until a file beside the ledger says that it has."""
    failed = Path(f"{data.get_state('ledger')}.{data.execution_id}")
    if not failed.exists():
        failed.touch()
        raise RuntimeError("The bank is closed")
    note(data, "question")
    return "opened"


def lasts(data):
    """Goes on when its lease has been renewed."""
    note(data, "question")
    lease = Execution.objects.values_list("lease_until", flat=True)
    first = lease.get(pk=data.execution_id)
    _wait(lambda: lease.get(pk=data.execution_id) != first)
    return "renewed"


def hangs(data):
    """Goes on when a file beside the ledger says so."""
    note(data, "question")
    _wait(Path(f"{data.get_state('ledger')}.go").exists)
    return "let go"


def _wait(condition) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)


def _flow(name: str, middle, **options) -> TriggerFlow:
    flow = TriggerFlow(name=f"crash.{name}")
    flow.to(begin).to(flow.chunk("question", **options)(middle)).to(finish)
    register(flow, title=f"Crash: {name}")
    return flow


_flow("ask", question)
_flow("flaky", fails_once)
_flow("again", fails_once, retries=2, retry_delay=0.02)
_flow("patient", fails_once, retries=2, retry_delay=600)
_flow("lasting", lasts)
_flow("hanging", hangs)
event_flow = TriggerFlow(name="crash.event")
event_flow.to(begin).to(question)
event_flow.when("Go").to(finish)
register(event_flow, title="Crash: event")


def tick(data):
    data.append_state("ticks", data.input)


counting_flow = TriggerFlow(name="crash.counting")
counting_flow.to(begin).to(question).to(finish)
counting_flow.when("Tick").to(tick)
register(counting_flow, title="Crash: counting")
