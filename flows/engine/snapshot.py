"""An execution as JSON-ready data, and back. Version 1; `load` must read every version ever written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flows.engine.definition import Kind, Step
from flows.engine.errors import NeedsMigration, SnapshotMismatch
from flows.engine.frames import Frame, caller_of
from flows.engine.signals import Activation, Failure, Gathered, Interrupt, Join, Place
from flows.engine.states import Status

if TYPE_CHECKING:
    from flows.engine.core import Core

FORMAT = 1
RUNNABLE = frozenset({Kind.CHUNK, Kind.CHOICE, Kind.CHOICES})


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
        "seq": core.seq,
        "ready": [activation.to_json() for activation in open_activations],
        "failed": [failure.to_json() for failure in core.failures],
        "joins": [join.to_json() for join in core.joins.values()],
        "interrupts": [interrupt.to_json() for interrupt in core.interrupts.values()],
        **core.frames[0].to_json(),
    }
    if len(core.frames) > 1:
        data["frames"] = [frame.to_json() for frame in core.frames.values() if frame.caller]
    if core.gathered:
        data["gathered"] = [gathered.to_json() for gathered in core.gathered]
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
    core.input, core.seq, core.reason = data["input"], data["seq"], data.get("reason")
    core.frames[0].fill(data)
    for frame in data.get("frames", ()):
        _load_frame(core, frame)
    core.gathered = [Gathered.from_json(gathered) for gathered in data.get("gathered", ())]
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


def _load_frame(core: Core, data: dict[str, Any]) -> None:
    """A sub flow's frame; the frame around it comes before it in the snapshot."""
    caller = caller_of(data)
    step = _step(core, caller.place, caller.step)
    if step is None or step.sub is None:
        raise NeedsMigration(core.definition.flow, [caller.step])
    frame = Frame(data["number"], step.sub, caller)
    frame.fill(data)
    core.frames[frame.number] = frame


def _check_steps(core: Core) -> None:
    failed = [failure.activation for failure in core.failures]
    runnable = [(a.place, a.step) for a in [*core.ready.values(), *failed]]
    runnable += [(interrupt.place, interrupt.step) for interrupt in core.interrupts.values()]
    missing = {step for place, step in runnable if not _can_run(core, place, step)}
    missing |= {join.opener for join in core.joins.values() if not _can_collect(core, join)}
    missing |= {g.step for g in core.gathered if _step(core, g.place, g.step) is None}
    if missing:
        raise NeedsMigration(core.definition.flow, sorted(missing))


def _step(core: Core, place: Place, step: str) -> Step | None:
    return core.frames[place.frame].definition.steps.get(step)


def _can_run(core: Core, place: Place, name: str) -> bool:
    step = _step(core, place, name)
    return step is not None and step.kind in RUNNABLE


def _can_collect(core: Core, join: Join) -> bool:
    opener = _step(core, join.place, join.opener)
    if opener is None or opener.end is None:
        return False
    heads = dict(opener.branches)
    return not heads or all(key in heads for key, _ in join.queue)
