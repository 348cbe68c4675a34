"""Whether the history of every execution is as it was written."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

from flows.services.arguments import uuid_of
from flows.services.executions import find
from flows.store import invariants, reading

Progress = Callable[[int], None]
MOST_PROBLEMS = 100
DOES_NOT_FIT = (
    "Its hash does not follow from the event before it and its own content: "
    "this event was changed, or one before it was removed, put in or moved."
)


@dataclass(frozen=True, slots=True)
class Problem:
    """The first row of an execution that does not fit. `event` is None where one is missing."""

    execution: str | None
    event: int | None
    message: str


@dataclass(slots=True)
class Report:
    """`problems` lists at most 100; `count` counts the executions that have one, and what is missing."""

    events: int = 0
    executions: int = 0
    count: int = 0
    problems: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem, count: int = 1) -> None:
        self.count += count
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


def verify(*, execution_id: UUID | str | None = None, progress: Progress | None = None) -> Report:
    """Compute every hash again, and see whether the other rows tell of events that are not there.

    Of all executions or of one, as of one moment, in constant memory; `progress` is called with the
    number of events so far. Raises NotFound. What this can and cannot find: docs/how-to/operate.md.
    """
    execution = None if execution_id is None else uuid_of("execution", execution_id)
    report = Report()
    with reading.frozen():
        if execution is not None:
            find(execution)
        _verify_chains(report, reading.events(execution), progress or (lambda _: None))
        for invariant in invariants.ALL:
            if invariant.testifies and (missing := invariants.broken(invariant, execution)):
                _add_missing(report, missing)
    return report


def hash_of(before: bytes | None, row: tuple[Any, ...]) -> bytes:
    """The hash that an event must have; `row` as `reading.events` gives it. See migration event_hash."""
    id, execution, interrupt, kind, actor, door, address, detail, at, _ = row
    previous = None if before is None else before.hex()
    named = [str(execution), None if interrupt is None else str(interrupt)]
    parts = [_json(part) for part in (previous, id, *named, kind, actor, door, address)]
    parts += ["null" if detail is None else detail, str(at)]
    return sha256(f"[{', '.join(parts)}]".encode()).digest()


def _verify_chains(report: Report, rows: Iterator[tuple[Any, ...]], progress: Progress) -> None:
    execution, before, fits = None, None, True
    for row in rows:
        if row[1] != execution:
            execution, before, fits = row[1], None, True
            report.executions += 1
        stored = bytes(row[-1])
        if fits and hash_of(before, row) != stored:
            report.add(Problem(str(execution), row[0], DOES_NOT_FIT))
            fits = False  # what follows hangs on it
        before = stored
        report.events += 1
        if report.events % reading.BATCH == 0:
            progress(report.events)


def _add_missing(report: Report, missing: invariants.Broken) -> None:
    examples = ", ".join(missing.examples)
    message = f"{missing.meaning} Not so for {missing.count} {missing.subject}(s): {examples}."
    only = missing.examples[0] if missing.subject == "execution" and missing.count == 1 else None
    report.add(Problem(only, None, message), missing.count)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
