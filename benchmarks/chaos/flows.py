"""Flows whose end is known beforehand. Each chunk notes its run in a file, which knows of all runs, and in
the state, which knows of the committed ones; the result holds the notes and what was answered."""

import os
from collections.abc import Callable
from typing import Any

from flows import TriggerFlow, TriggerFlowRuntimeData, register

Chunk = Callable[[TriggerFlowRuntimeData], Any]
ITEMS = ["a", "b", "c"]


def note(data: TriggerFlowRuntimeData, step: str) -> None:
    line = f"{data.execution_id} {step} {data.idempotency_key}\n"
    descriptor = os.open(os.environ["CHAOS_LEDGER"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, line.encode())
    os.close(descriptor)
    data.append_state("notes", f"{step} {data.idempotency_key}")


def begin(data: TriggerFlowRuntimeData) -> Any:
    note(data, "begin")
    return data.input


def finish(data: TriggerFlowRuntimeData) -> None:
    note(data, "finish")
    data.set_result({"notes": data.get_state("notes"), "answer": data.input})


def asks(name: str, **options: Any) -> Chunk:
    """A chunk of that name that asks for a text."""

    def chunk(data: TriggerFlowRuntimeData) -> Any:
        note(data, name)
        return data.pause_for(type="human_input", payload={"title": name, "item": data.input}, **options)

    chunk.__name__ = name
    return chunk


def computes(data: TriggerFlowRuntimeData) -> str:
    """Fails as often as the input says; what it fails at is forgotten, and so not noted."""
    if data.attempt <= data.input["fails"]:
        raise ConnectionError("No answer from the bank")
    note(data, "computes")
    return "computed"


def _sequence() -> None:
    flow = TriggerFlow(name="sequence")
    flow.to(begin).to(asks("first")).to(asks("second")).to(finish)
    register(flow)


def _batch() -> None:
    flow = TriggerFlow(name="batch")
    flow.to(begin).batch(asks("left"), asks("right")).to(finish)
    register(flow)


def _each() -> None:
    flow = TriggerFlow(name="each")
    flow.to(flow.chunk("items")(_items)).for_each().to(asks("item")).end_for_each().to(finish)
    register(flow)


def _items(data: TriggerFlowRuntimeData) -> list[str]:
    note(data, "begin")
    return ITEMS


def _sub() -> None:
    child = TriggerFlow(name="chaos child")
    child.to(_ask_in_child).to(child.chunk("answered")(lambda data: data.set_result(data.input)))
    flow = TriggerFlow(name="sub")
    flow.to(flow.chunk("items")(_items)).for_each().to(child).end_for_each().to(finish)
    register(flow)


def _ask_in_child(data: TriggerFlowRuntimeData) -> Any:
    return data.pause_for(type="human_input", payload={"title": "child", "item": data.input})


def _retries(name: str, **options: Any) -> None:
    flow = TriggerFlow(name=name)
    flow.to(begin).to(flow.chunk("computes", **options)(computes)).to(finish)
    register(flow)


def _asking(name: str, **options: Any) -> None:
    flow = TriggerFlow(name=name)
    flow.to(begin).to(asks("asked", **options)).to(finish)
    register(flow)


def _event() -> None:
    flow = TriggerFlow(name="event")
    flow.to(begin).to(asks("asked", resume_event="Go"))
    flow.when("Go").to(finish)
    register(flow)


_sequence()
_batch()
_each()
_sub()
_event()
_retries("retries", retries=9, retry_delay=0.02)
_retries("fails")
_asking("expires", expires_in=0.3, on_expire="late")
_asking("reminds", remind_after=0.2)
_asking("undone", undo_seconds=0.4)
