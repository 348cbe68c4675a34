"""Who takes part: the processes of each, and how to see in the database that all cycles have ended."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.cycles import venv

OURS = ("ours1", "ours2")
NAMES = (*OURS, "langgraph", "dbos", "floor")


@dataclass(frozen=True)
class Contender:
    """`module` is run with "prepare", "start", "answer"; `workers` are the other processes of it.

    `finished` counts the cycles that have ended; None where the answer itself runs to the end.
    """

    name: str
    python: Path
    module: str
    database: str
    finished: str | None
    workers: tuple[tuple[str, ...], ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    def command(self, role: str) -> list[str]:
        return [str(self.python), "-m", self.module, role]


def contender(name: str, sizes: Mapping[str, int]) -> Contender:
    """The one of that name; `sizes` are the bytes that the floor's rows fill."""
    here = Path(sys.executable)
    if name in OURS:
        worker = (str(here), "manage.py", "flows_worker")
        done = "SELECT count(*) FROM flows_execution WHERE status = 'completed'"
        return Contender(name, here, "benchmarks.cycles.ours", "approvals", done, (worker,) * int(name[-1]))
    if name == "floor":
        worker = (str(here), "-m", "benchmarks.cycles.floor", "work")
        done = "SELECT count(*) FROM execution WHERE status = 'completed'"
        rows = {"SIZES": json.dumps(sizes)}
        return Contender(name, here, "benchmarks.cycles.floor", name, done, (worker,), rows)
    module = f"benchmarks.cycles.on_{name}"
    done_dbos = "SELECT count(*) FROM dbos.workflow_status WHERE status = 'SUCCESS'"
    return Contender(name, venv.python(), module, name, done_dbos if name == "dbos" else None)
