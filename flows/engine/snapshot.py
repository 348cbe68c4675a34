"""An execution as JSON-ready data, and back. Version 1; `load` must read every version ever written."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from flows.engine.definition import Kind, Step
from flows.engine.errors import NeedsMigration, SnapshotMismatch
from flows.engine.frames import Frame, caller_of
from flows.engine.signals import Activation, Failure, Gathered, Interrupt, Join, Place
from flows.engine.states import Status

if TYPE_CHECKING:
    from flows.engine.core import Core

FORMAT = 1
RUNNABLE = frozenset({Kind.CHUNK, Kind.CHOICE, Kind.CHOICES, Kind.SUB_FLOW})
COLLECTED = frozenset({Kind.BATCH, Kind.EACH, Kind.CHOICES})
GATHERING = frozenset({Kind.COLLECT, Kind.ALL})


def save(core: Core) -> dict[str, Any]:
    """`core` as data. Its size follows what is open and the state, not what has happened."""
    open_activations = sorted(
        [*core.ready.values(), *core.running.values(), *core.away.values()], key=lambda a: a.id
    )
    data = {
        "format": FORMAT,
        "flow": core.definition.flow,
        "definition": core.definition.hash,
        "execution_id": core.execution_id,
        "status": core.status.value,
        "input": core.input,
        "seq": core.seq,
        "ready": [a.to_json() | {"kind": core.step_of(a).kind.value} for a in open_activations],
        "failed": [failure.to_json() for failure in core.failures],
        "joins": [join.to_json() for join in core.joins.values()],
        "interrupts": [interrupt.to_json() for interrupt in core.interrupts.values()],
        **core.frames[0].to_json(),
    }
    if paths := sorted(_paths(core)):
        data["paths"] = [list(path) for path in paths]
    if len(core.frames) > 1:
        data["frames"] = [frame.to_json() for frame in core.frames.values() if frame.caller]
    if gathered := [g.to_json() for group in core.gathered.values() for g in group.values()]:
        data["gathered"] = gathered
    for name in ("reason", "close_at"):
        if (noted := getattr(core, name)) is not None:
            data[name] = noted
    return data


def load(core: Core, data: dict[str, Any]) -> None:
    """Fill a new `core` from `data`.

    Raises SnapshotMismatch for another flow's snapshot or an unknown format, NeedsMigration when
    a step that something stands on no longer exists; nothing is ever sent to a step of another kind.
    """
    _check_format(core, data)
    try:
        _fill(core, data)
    except SnapshotMismatch:
        raise
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SnapshotMismatch(f"The snapshot is damaged: {error!r}.") from error
    _check_steps(core)
    _check_paths(core, data.get("paths", ()))
    for place in _open_places(core):
        core.open.enter(place)


def _fill(core: Core, data: dict[str, Any]) -> None:
    core.execution_id = data["execution_id"]
    core.status = Status(data["status"])
    core.input, core.seq, core.reason = data["input"], data["seq"], data.get("reason")
    core.close_at = data.get("close_at")
    core.frames[0].fill(data)
    for frame in data.get("frames", ()):
        _load_frame(core, frame)
    for gathered in map(Gathered.from_json, data.get("gathered", ())):
        core.gathered.setdefault(gathered.place.owner, {})[gathered.spot] = gathered
    ready = [_load_ready(core, ready) for ready in data["ready"]]
    core.ready = {a.id: a for a in ready if a.away is None}
    core.away = {a.id: a for a in ready if a.away is not None}
    core.failures = [Failure.from_json(failure) for failure in data["failed"]]
    core.joins = {join.id: join for join in map(Join.from_json, data["joins"])}
    core.interrupts = {i.id: i for i in map(Interrupt.from_json, data["interrupts"])}


def _check_format(core: Core, data: dict[str, Any]) -> None:
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise SnapshotMismatch("This is not a snapshot in a format that this version knows.")
    if data.get("flow") != core.definition.flow:
        flow, other = core.definition.flow, data.get("flow")
        raise SnapshotMismatch(f"The snapshot is of flow “{other}” and cannot be loaded into “{flow}”.")


def _load_frame(core: Core, data: dict[str, Any]) -> None:
    """A sub flow's frame; the frame around it comes before it in the snapshot."""
    caller = caller_of(data)
    step = _step(core, caller.place, caller.step)
    if step is None or step.sub is None:
        raise NeedsMigration(core.definition.flow, [caller.step])
    frame = Frame(data["number"], step.sub, caller)
    frame.fill(data)
    core.frames[frame.number] = frame


def _load_ready(core: Core, data: dict[str, Any]) -> Activation:
    """What is ready to run; older snapshots do not say of which kind its step was."""
    rest = dict(data)
    kind = rest.pop("kind", None)
    activation = Activation.from_json(rest)
    step = _step(core, activation.place, activation.step)
    if step is not None and kind not in (None, step.kind):
        raise NeedsMigration(core.definition.flow, [activation.step])
    return activation


def _open_activations(core: Core) -> list[Activation]:
    """Of a core that nothing runs in yet."""
    return [*core.ready.values(), *core.away.values(), *(failure.activation for failure in core.failures)]


def _open_places(core: Core) -> Iterator[Place]:
    """Where something stands that has not come to its end."""
    for activation in _open_activations(core):
        yield activation.place
    for interrupt in core.interrupts.values():
        yield interrupt.place
    for join in core.joins.values():
        yield join.place
    for frame in core.frames.values():
        if frame.caller:
            yield frame.caller.place


def _check_steps(core: Core) -> None:
    runnable = [(a.place, a.step) for a in _open_activations(core)]
    missing = {step for place, step in runnable if not _stands(core, place, step, RUNNABLE)}
    asking = [(interrupt.place, interrupt.step) for interrupt in core.interrupts.values()]
    missing |= {step for place, step in asking if not _stands(core, place, step, {Kind.CHUNK})}
    callers = [frame.caller for frame in core.frames.values() if frame.caller]
    missing |= {c.step for c in callers if not _stands(core, c.place, c.step, {Kind.SUB_FLOW})}
    missing |= {join.opener for join in core.joins.values() if not _can_collect(core, join)}
    for group in core.gathered.values():
        missing |= {g.step for g in group.values() if not _can_gather(core, g)}
    if missing:
        raise NeedsMigration(core.definition.flow, sorted(missing))


def _paths(core: Core) -> set[tuple[int, str, str, bool]]:
    """How each step that something runs or waits at is reached, and whether it has a twin."""
    failed = [failure.activation for failure in core.failures]
    activations = [*core.ready.values(), *core.running.values(), *failed]
    standing = {(activation.place, activation.step) for activation in activations}
    standing |= {(interrupt.place, interrupt.step) for interrupt in core.interrupts.values()}
    found = set()
    for place, step in standing:
        paths = core.frames[place.frame].definition.paths
        found.add((place.frame, step, paths.fingerprints.get(step, ""), step in paths.twins))
    return found


def _check_paths(core: Core, saved: Iterable[list[Any]]) -> None:
    """Of two steps with one name, the other one must not be taken: raises NeedsMigration."""
    moved = set()
    for number, step, fingerprint, had_twin in saved:
        frame = core.frames.get(number)
        paths = frame.definition.paths if frame else None
        if paths and (had_twin or step in paths.twins) and paths.fingerprints.get(step) != fingerprint:
            moved.add(step)
    if moved:
        raise NeedsMigration(core.definition.flow, sorted(moved))


def _step(core: Core, place: Place, step: str) -> Step | None:
    frame = core.frames.get(place.frame)
    return None if frame is None else frame.definition.steps.get(step)


def _stands(core: Core, place: Place, name: str, kinds: Container[Kind]) -> bool:
    """Whether the step is there, of such a kind, and in the same loop or batch as before."""
    step = _step(core, place, name)
    if step is None or step.kind not in kinds:
        return False
    around = core.frames[place.frame].definition.scopes.get(name, ())
    if place.scope is None:
        return not around
    join = core.joins.get(place.scope[0])
    return join is None or around[-1:] == (join.opener,)


def _can_collect(core: Core, join: Join) -> bool:
    if not _stands(core, join.place, join.opener, COLLECTED):
        return False
    opener = core.frames[join.place.frame].definition.steps[join.opener]
    heads = dict(opener.branches)
    return opener.kind is Kind.EACH or all(key in heads for key, _ in join.queue)


def _can_gather(core: Core, gathered: Gathered) -> bool:
    return _stands(core, gathered.place, gathered.step, GATHERING)
