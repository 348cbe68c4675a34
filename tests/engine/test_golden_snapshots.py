"""Every snapshot ever committed here loads and goes on to the same end.

python -m tests.engine.test_golden_snapshots v2      writes today's, under a new version's name
"""

import contextlib
import json
import sys
from pathlib import Path

import pytest

from flows.engine import snapshot
from tests.engine.golden_flows import FLOWS

FOLDER = Path(__file__).parent / "golden"
FILES = sorted(FOLDER.glob("*.json"))


def finished(execution):
    """Retry what failed, answer everything with its id, close."""
    with contextlib.suppress(OSError):
        if execution.status == "failed":
            execution.retry()
    while pending := execution.get_pending_interrupts():
        execution.continue_with(min(pending), min(pending).upper())
    return execution.close()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_snapshot_of_then_goes_on_today(file):
    golden = json.loads(file.read_text())
    flow, _ = FLOWS[golden["flow"]]()
    assert finished(flow.create_execution(auto_close=False).load(golden["snapshot"])) == golden["close"]


def test_there_is_one_of_every_flow_in_the_present_format():
    present = {json.loads(file.read_text())["flow"] for file in FILES if f"v{snapshot.FORMAT}" in file.stem}
    assert present == FLOWS.keys()


def write(version):
    for name, build in FLOWS.items():
        flow, value = build()
        execution = flow.create_execution(auto_close=False)
        with contextlib.suppress(OSError):
            execution.start(value)
        saved = json.loads(json.dumps(execution.save()))
        golden = {"flow": name, "snapshot": saved, "close": finished(execution)}
        file = FOLDER / f"{version}-{name}.json"
        with file.open("x") as new:  # what was committed once is never written again
            new.write(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write(sys.argv[1])
