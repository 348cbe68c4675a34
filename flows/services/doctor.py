"""What would not go on with the code of this process, looked at before that code is deployed.

Nothing is written, and only columns of the first migration are read: the new code may look at a
database that has not been migrated to it yet.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flows import engine, registry
from flows.services.schemas import mistake_in, problems_of
from flows.store import reading

EXAMPLES = 5
UNKNOWN_FLOW = "unknown_flow"
MISSING_STEPS = "missing_steps"
UNREADABLE = "unreadable_snapshot"
INPUT_SCHEMA = "input_schema"
RESPONSE_SCHEMA = "response_schema"


class Trouble(Exception):
    """Why an execution would not go on: `problem` is one of the names above, `missing` names steps."""

    def __init__(self, problem: str, message: str, missing: tuple[str, ...] = ()) -> None:
        self.problem, self.missing = problem, missing
        super().__init__(message)


@dataclass(slots=True)
class Group:
    """Executions (or, for response_schema, interrupts) of one flow with one problem; `message` is about
    the first of them, and `examples` holds at most five ids."""

    flow: str
    problem: str
    missing: tuple[str, ...]
    message: str
    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, id: Any) -> None:
        self.count += 1
        if self.count <= EXAMPLES:
            self.examples.append(str(id))


@dataclass(slots=True)
class Parked(Group):
    """Executions that were set aside before; of `count`, `ready` would go on now after a retry."""

    ready: int = 0


@dataclass(slots=True)
class Report:
    """`executions` were looked at, all that have not ended; `changed` of them go on although their flow
    is another than the one they were saved with."""

    executions: int = 0
    changed: int = 0
    problems: list[Group] = field(default_factory=list)
    parked: list[Parked] = field(default_factory=list)


class _Examination:
    def __init__(self) -> None:
        self.report = Report()
        self._groups: dict[tuple[Any, ...], Group] = {}
        self._parked: dict[tuple[str, str], Parked] = {}

    def execution(self, row: tuple[Any, ...]) -> None:
        id, flow, _, snapshot, input, reason, is_parked = row
        self.report.executions += 1
        trouble = None
        try:
            self.report.changed += _resume(flow, snapshot, input)
        except Trouble as found:
            trouble = found
        if is_parked:
            self._set_aside(flow, reason or "unknown").add(id)
            self._set_aside(flow, reason or "unknown").ready += trouble is None
        elif trouble is not None:
            self._group(flow, trouble).add(id)

    def interrupt(self, row: tuple[Any, ...]) -> None:
        id, flow, step, schema = row
        if mistake := mistake_in(engine.plain_json(schema)):
            message = f"Answers at step “{step}” can no longer be judged: {mistake}"
            self._group(flow, Trouble(RESPONSE_SCHEMA, message, (step,))).add(id)

    def _group(self, flow: str, trouble: Trouble) -> Group:
        key = (flow, trouble.problem, trouble.missing)
        if key not in self._groups:
            self._groups[key] = Group(flow, trouble.problem, trouble.missing, str(trouble))
            self.report.problems.append(self._groups[key])
        return self._groups[key]

    def _set_aside(self, flow: str, reason: str) -> Parked:
        if (flow, reason) not in self._parked:
            self._parked[flow, reason] = Parked(flow, reason, (), "")
            self.report.parked.append(self._parked[flow, reason])
        return self._parked[flow, reason]


def examine(*, progress: Callable[[int], None] | None = None) -> Report:
    """Load everything that has not ended as a worker with this code would, as of one moment.

    In constant memory; `progress` is called with the number of executions so far. Looked at: flows,
    steps that something stands on, snapshots, inputs of what has not begun against the input schema of
    now, and whether the schemas on open interrupts can still judge. An interrupt carries its own
    response schema, so a changed one in the code concerns new interrupts only.
    """
    examination = _Examination()
    with reading.frozen():
        for number, row in enumerate(reading.rows(reading.OPEN), 1):
            examination.execution(row)
            if progress is not None and number % reading.BATCH == 0:
                progress(number)
        for row in reading.rows(reading.OPEN_SCHEMAS):
            examination.interrupt(row)
    return examination.report


def _resume(flow: str, snapshot: str | None, input: Any) -> bool:
    """Whether the flow has changed since `snapshot`; raises Trouble when it would not go on."""
    try:
        registration = registry.get(flow)
        if snapshot is None:
            _check_input(registration, input)
            return False
        data = json.loads(snapshot)
        core = engine.Core.load(registration.flow.definition, data)
        return bool(data.get("definition") != core.definition.hash)
    except registry.UnknownFlow as error:
        raise Trouble(UNKNOWN_FLOW, str(error)) from None
    except engine.NeedsMigration as error:
        raise Trouble(MISSING_STEPS, str(error), error.missing) from None
    except (engine.FlowError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Trouble(UNREADABLE, f"What is stored cannot be read: {error}") from None


def _check_input(registration: registry.Registration, input: Any) -> None:
    schema = registration.input_schema
    if schema is not None and (problems := problems_of(engine.plain_json(input), schema)):
        raise Trouble(INPUT_SCHEMA, f"The input no longer fits: {'; '.join(map(str, problems))}")
