"""Ours on an idle machine: from the call that answers to the finished execution."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.cycles.figures import percentile
from benchmarks.cycles.ours import ANSWER, FLOW, INPUT
from benchmarks.cycles.venv import ROOT


def latency(rounds: int) -> dict[str, float]:
    """Milliseconds from the call of `decide` to the finished execution, seen through the hints."""
    with _worker():
        _measure(20)
        taken = _measure(rounds)
    return {"p50_ms": percentile(taken, 0.5), "p99_ms": percentile(taken, 0.99)}


def _measure(rounds: int) -> list[float]:
    from flows.live import hints
    from flows.models import Execution, Interrupt
    from flows.services import executions, interrupts
    from flows.store.connection import listening

    taken = []
    with listening(hints.LIVE) as listener:

        def wait() -> None:
            next(iter(listener.notifies(timeout=0.05, stop_after=1)), None)

        for _ in range(rounds):
            execution = executions.start(flow=FLOW, input=INPUT)
            while not (waiting := Interrupt.objects.filter(execution=execution).first()):
                wait()
            time.sleep(0.01)  # the worker has gone idle
            began = time.monotonic()
            interrupts.decide(interrupt_id=waiting.pk, answer=ANSWER)
            while not Execution.objects.filter(pk=execution.pk, status="completed").exists():
                wait()
            taken.append((time.monotonic() - began) * 1000)
    return taken


@contextmanager
def _worker() -> Iterator[None]:
    worker = subprocess.Popen([sys.executable, "manage.py", "flows_worker"], cwd=ROOT)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait()
