"""An execution as JSON-ready data, and back. Version 1; `load` must read every version ever written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flows.engine.definition import Kind
from flows.engine.errors import NeedsMigration, SnapshotMismatch
from flows.engine.signals import UNSET, Activation, Failure, Interrupt, Join
from flows.engine.states import Status

if TYPE_CHECKING:
    from flows.engine.core import Core

FORMAT = 1
RUNNABLE = frozenset({Kind.CHUNK, Kind.IF})


def save(core: Core) -> dict[str, Any]:
    """`core` as data. Its size follows what is open and the state, not what has happened."""
    open_activations = sorted([*core.ready.values(), *core.running.values()], key=lambda a: a.id)
    data = {
        "format": FORMAT,
        "flow": core.definition.flow,
        "definition": core.definition.hash,
        "execution_id": core.execution_id,
        "status": core.status.value,
        "input": core.input,
        "state": core.state,
        "seq": core.seq,
        "ready": [activation.to_json() for activation in open_activations],
        "failed": [failure.to_json() for failure in core.failures],
        "joins": [join.to_json() for join in core.joins.values()],
        "interrupts": [interrupt.to_json() for interrupt in core.interrupts.values()],
        "done": dict(core.done),
    }
    if core.result is not UNSET:
        data["result"] = core.result
    if core.reason is not None:
        data["reason"] = core.reason
    return data


def load(core: Core, data: dict[str, Any]) -> None:
    """Fill a new `core` from `data`.

    Raises SnapshotMismatch for another flow's snapshot or an unknown format, NeedsMigration when
    a step that something stands on no longer exists; nothing is ever sent to a step of another kind.
    """
    _check_format(core, data)
    core.execution_id = data["execution_id"]
    core.status = Status(data["status"])
    core.input, core.state, core.seq = data["input"], data["state"], data["seq"]
    core.result = data.get("result", UNSET)
    core.reason = data.get("reason")
    core.done = dict(data["done"])
    core.ready = {a.id: a for a in map(Activation.from_json, data["ready"])}
    core.failures = [Failure.from_json(failure) for failure in data["failed"]]
    core.joins = {join.id: join for join in map(Join.from_json, data["joins"])}
    core.interrupts = {i.id: i for i in map(Interrupt.from_json, data["interrupts"])}
    _check_steps(core)


def _check_format(core: Core, data: dict[str, Any]) -> None:
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise SnapshotMismatch("This is not a snapshot in a format that this version knows.")
    if data["flow"] != core.definition.flow:
        raise SnapshotMismatch(
            f"The snapshot is of flow “{data['flow']}” and cannot be loaded into “{core.definition.flow}”."
        )


def _check_steps(core: Core) -> None:
    steps = core.definition.steps
    runnable = [a.step for a in core.ready.values()] + [f.activation.step for f in core.failures]
    runnable += [interrupt.step for interrupt in core.interrupts.values()]
    missing = [step for step in runnable if step not in steps or steps[step].kind not in RUNNABLE]
    missing += [join.opener for join in core.joins.values() if not _can_collect(core, join)]
    if missing:
        raise NeedsMigration(core.definition.flow, sorted(set(missing)))


def _can_collect(core: Core, join: Join) -> bool:
    opener = core.definition.steps.get(join.opener)
    if opener is None or opener.end is None:
        return False
    heads = dict(opener.branches)
    return not heads or all(key in heads for key, _ in join.queue)
