"""How far an execution is, read from its snapshot."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from flows import engine, registry
from flows.models import Execution, MessageKind

Stage = Literal["done", "running", "waiting", "failed", "todo"]


@dataclass(frozen=True, slots=True)
class StepProgress:
    """One step of the flow: `count` is how often it has been done."""

    id: str
    label: str
    kind: str
    status: Stage
    count: int


def progress(execution: Execution) -> list[StepProgress]:
    """The flow's steps in the order of their definition, each with how far it is; [] for an unknown flow."""
    snapshot = snapshot_of(execution)
    done = snapshot.get("done", {})
    stages = _stages(execution, snapshot)
    return [
        StepProgress(step.id, step.label, step.kind, _stage(step.id, stages, done), done.get(step.id, 0))
        for step in _steps(execution.flow)
    ]


def state(execution: Execution) -> dict[str, Any]:
    """What the flow has stored, for people to read: dates, decimals and UUIDs as their text."""
    state = engine.plain_json(snapshot_of(execution).get("state", {}))
    return state if isinstance(state, dict) else {}


def waiting_at(execution: Execution, key: str) -> dict[str, Any] | None:
    """What the snapshot says of the open interrupt of that key: {"step", "target", …}; None without it."""
    found = snapshot_of(execution).get("interrupts", ())
    return next((interrupt for interrupt in found if interrupt.get("id") == key), None)


def times_done(execution: Execution, step: str) -> int:
    """How often the step of that id has been done."""
    return int(snapshot_of(execution).get("done", {}).get(step, 0))


def snapshot_of(execution: Execution) -> dict[str, Any]:
    """The snapshot as data; {} before the first commit and when it cannot be read."""
    try:
        snapshot = json.loads(execution.snapshot or "{}")
    except ValueError:
        return {}
    return snapshot if isinstance(snapshot, dict) else {}


def _steps(flow: str) -> Iterable[engine.Step]:
    try:
        return registry.get(flow).flow.definition.steps.values()
    except registry.UnknownFlow:
        return ()


def _stages(execution: Execution, snapshot: dict[str, Any]) -> dict[str, Stage]:
    """Where something stands at this moment; what has ended stands nowhere."""
    if execution.status in engine.TERMINAL:
        return {}
    answered = _answered(execution)
    stages: dict[str, Stage] = {}
    frames = {frame["number"]: frame for frame in snapshot.get("frames", ())}
    for interrupt in snapshot.get("interrupts", ()):
        stage: Stage = "running" if interrupt["id"] in answered else "waiting"
        stages[_outermost(interrupt, frames)] = stage
    for activation in snapshot.get("ready", ()):
        stages[_outermost(activation, frames)] = "running"
    for failure in snapshot.get("failed", ()):
        stages[_outermost(failure["activation"], frames)] = "failed"
    return stages


def _outermost(thing: dict[str, Any], frames: dict[int, dict[str, Any]]) -> str:
    """The step of the flow itself where `thing` stands, be it inside a sub flow of that step."""
    while number := thing.get("frame"):
        thing = frames[number]
    return str(thing["step"])


def _answered(execution: Execution) -> set[str]:
    """Keys of the interrupts whose answer is on its way to the flow."""
    return {message.body["key"] for message in execution.messages.filter(kind=MessageKind.ANSWER)}


def _stage(step: str, stages: dict[str, Stage], done: dict[str, int]) -> Stage:
    return stages.get(step) or ("done" if done.get(step) else "todo")
