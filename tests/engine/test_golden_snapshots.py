"""Every snapshot ever committed here loads and goes on to the same end.

python -m tests.engine.test_golden_snapshots v2      writes today's, under a new version's name
"""

import asyncio
import contextlib
import json
import sys
from pathlib import Path

import pytest

from flows import engine
from flows.engine import snapshot
from tests.engine.golden_flows import FLOWS

FOLDER = Path(__file__).parent / "golden"
IN_2096 = 4_000_000_000.0  # so that no timer of a script has come
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


def started(flow, value):
    """Its snapshot once it waits, as a worker has it: what runs elsewhere is away."""
    core = engine.Core.create(flow.definition, "e" * 32, lambda: IN_2096)
    core.start(value)
    with asyncio.Runner() as runner:
        while here := [a for a in list(core.startable(IN_2096)) if not send(core, a)]:
            (activation,) = core.take(1, IN_2096, where=here.__contains__)
            core.commit(activation, runner.run(engine.run(core, activation)))
    return core.save()


def send(core, activation):
    """Whether it runs elsewhere; then it is sent there."""
    if core.step_of(activation).run_on is None:
        return False
    engine.send_away(core, activation, f"run {activation.id}")
    return True


def test_what_was_away_then_is_waited_for_today():
    golden = json.loads((FOLDER / "v1-away.json").read_text())
    core = engine.Core.load(FLOWS["away"]()[0].definition, golden["snapshot"])
    (heavy,) = core.away.values()
    assert engine.away_as(core, heavy.id, f"run {heavy.id}") is heavy
    core.commit(heavy, engine.Outcome(output="brought"))
    assert [activation.value for activation in core.startable(0.0)] == ["brought"]


def test_the_timers_of_then_fire_at_their_instants():
    golden = json.loads((FOLDER / "v1-everything.json").read_text())
    core = engine.Core.load(FLOWS["everything"]()[0].definition, golden["snapshot"])
    fired = []
    while (instant := engine.next_instant(core)) is not None and len(fired) < 3:
        fired += [(instant - IN_2096, kind.value) for _, kind in engine.fire(core, instant)]
    assert fired == [(30.0, "remind"), (60.0, "due"), (3600.0, "expire")]


def write(version):
    for name, build in FLOWS.items():
        flow, value = build()
        file = FOLDER / f"{version}-{name}.json"
        if file.exists():
            continue
        saved = json.loads(json.dumps(started(flow, value)))
        close = finished(flow.create_execution(auto_close=False).load(saved))
        golden = {"flow": name, "snapshot": saved, "close": close}
        with file.open("x") as new:  # what was committed once is never written again
            new.write(json.dumps(golden, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    write(sys.argv[1])
