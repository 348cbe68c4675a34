"""Whether the rows say what they must always say, checked while workers run."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flows.store import invariants, reading
from flows.store.invariants import EXAMPLES, Broken, Invariant

__all__ = ["Broken", "check", "names"]


@dataclass(frozen=True, slots=True)
class Said:
    """What a snapshot says: its status, the keys of the interrupts that it waits for, the ids of the runs
    that it has sent away, and whether something could go on here, now or at some time."""

    status: str
    asks: frozenset[str]
    away: frozenset[str]
    is_ready: bool


@dataclass(frozen=True, slots=True)
class Around:
    """What an open execution's snapshot says (None: it has none yet), and what the rows around it do."""

    id: str
    status: str
    said: Said | None
    is_readable: bool
    is_due: bool  # now or at some time
    open: frozenset[str]  # keys of open interrupts
    closing: frozenset[str]  # keys of interrupts whose end is on its way to the snapshot
    is_retried: bool  # whether a retry is on its way
    runs: frozenset[str]  # ids of open runs
    brought: frozenset[str]  # ids of runs whose outcome is on its way to the snapshot

    @property
    def away(self) -> frozenset[str]:
        return self.said.away if self.said else frozenset()

    @property
    def asks(self) -> frozenset[str]:
        return self.said.asks if self.said else frozenset()

    @property
    def is_forgotten(self) -> bool:
        """Whether it could go on and nobody will ever look at it."""
        return bool(self.said and self.said.is_ready and not self.is_due and self.status != "failed")


@dataclass(frozen=True, slots=True)
class SnapshotInvariant:
    """What SQL cannot see. An unreadable snapshot of a failed execution is what it failed for."""

    name: str
    meaning: str
    holds: Callable[[Around], bool]


SNAPSHOTS = (
    SnapshotInvariant(
        "snapshot_is_readable",
        "The snapshot of an execution that has not failed can be read.",
        lambda execution: execution.is_readable,
    ),
    SnapshotInvariant(
        "interrupt_is_in_the_snapshot",
        "Every open interrupt is one that the snapshot waits for.",
        lambda execution: execution.open <= execution.asks,
    ),
    SnapshotInvariant(
        "snapshot_waits_for_an_interrupt",
        "What the snapshot waits for is an open interrupt, or one whose end is on its way to it.",
        lambda execution: execution.asks <= execution.open | execution.closing,
    ),
    SnapshotInvariant(
        "ready_is_due",
        "An execution in which something could go on is due at some time, unless it has failed.",
        lambda execution: not execution.is_forgotten,
    ),
    SnapshotInvariant(
        "run_is_away",
        "Every open run is one that the snapshot has sent away.",
        lambda execution: execution.runs <= execution.away,
    ),
    SnapshotInvariant(
        "away_has_its_run",
        "What the snapshot has sent away is an open run, or one whose outcome is on its way to it.",
        lambda execution: execution.away <= execution.runs | execution.brought,
    ),
    SnapshotInvariant(
        "snapshot_has_the_status",
        "Snapshot and row are of one status, unless it was set aside or a retry is on its way.",
        lambda execution: (
            execution.said is None
            or execution.is_retried
            or execution.status in ("failed", execution.said.status)
        ),
    ),
)


def check(*, progress: Callable[[int], None] | None = None) -> list[Broken]:
    """Every invariant that does not hold, as of one moment; [] when all do.

    Reads all rows, in constant memory, and disturbs nobody; `progress` is called with the number of
    open executions whose snapshots have been read.
    """
    with reading.frozen():
        found = [broken for each in invariants.ALL if (broken := invariants.broken(each))]
        return found + _check_snapshots(progress or (lambda _: None))


def names() -> list[str]:
    """What is checked, in order."""
    checks: list[Invariant | SnapshotInvariant] = [*invariants.ALL, *SNAPSHOTS]
    return [each.name for each in checks]


def _check_snapshots(progress: Callable[[int], None]) -> list[Broken]:
    offending: dict[SnapshotInvariant, list[str]] = {each: [] for each in SNAPSHOTS}
    counts = Counter[SnapshotInvariant]()
    for number, row in enumerate(reading.rows(reading.AROUND), 1):
        execution = _around(row)
        for invariant in _not_held(execution):
            counts[invariant] += 1
            if counts[invariant] <= EXAMPLES:
                offending[invariant].append(execution.id)
        if number % reading.BATCH == 0:
            progress(number)
    return [
        Broken(each.name, each.meaning, "execution", counts[each], tuple(offending[each])) for each in counts
    ]


def _not_held(execution: Around) -> list[SnapshotInvariant]:
    if not execution.is_readable:
        return [] if execution.status == "failed" else [SNAPSHOTS[0]]
    return [invariant for invariant in SNAPSHOTS if not invariant.holds(execution)]


def _around(row: tuple[Any, ...]) -> Around:
    id, status, snapshot, is_due, opened, closing, is_retried, runs, brought = row
    said, is_readable = _said(snapshot)
    return Around(
        id=str(id),
        status=status,
        said=said,
        is_readable=is_readable,
        is_due=is_due,
        open=frozenset(opened),
        closing=frozenset(closing),
        is_retried=is_retried,
        runs=frozenset(runs),
        brought=frozenset(brought),
    )


def _said(snapshot: str | None) -> tuple[Said | None, bool]:
    """What it says, and whether it could be read."""
    if snapshot is None:
        return None, True
    try:
        data = json.loads(snapshot)
        asks = frozenset(each["id"] for each in data["interrupts"])
        away = [each.get("away") for each in data["ready"]]
        return Said(data["status"], asks, frozenset(filter(None, away)), not all(away)), True
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return None, False
