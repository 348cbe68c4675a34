"""Breaking the code on purpose, one place at a time, on a copy of the tree: do the tests notice?"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", ".hypothesis", "__pycache__")
SECONDS = 180  # a test that hangs has noticed, too


@dataclass(frozen=True)
class Break:
    """`old` becomes `new` in flows/`file`; `tests` are to notice."""

    what: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def run(breaks: Sequence[Break]) -> int:
    """Try them all and print what came of each; 1 when one went unnoticed."""
    unnoticed = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        for change in breaks:
            noticed = _try(tree, change)
            unnoticed += not noticed
            print(f"{'noticed' if noticed else 'UNNOTICED':<10} {change.file:<28} {change.what}", flush=True)
    print(f"{len(breaks) - unnoticed} of {len(breaks)} noticed")
    return min(unnoticed, 1)


def _try(tree: Path, change: Break) -> bool:
    file = tree / "flows" / change.file
    source = file.read_text()
    if change.old not in source or change.old == change.new:
        raise SystemExit(f"This break no longer fits the code: {change.what}")
    file.write_text(source.replace(change.old, change.new, 1))
    try:
        return _notices(tree, change.tests)
    finally:
        file.write_text(source)


def _notices(tree: Path, tests: Sequence[str]) -> bool:
    command = [sys.executable, "-m", "pytest", *tests, "-q", "-x", "-p", "no:cacheprovider"]
    # The embedded PostgreSQL can enter our own var/, but no temporary folder made by root.
    environment = os.environ | {"APPROVALS_VAR_DIR": str(ROOT / "var")}
    try:
        done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return True
    return done.returncode == 1
