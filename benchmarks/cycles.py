"""Durable cycles per second: start, pause, answer from another process, finish; default durability.

    .venv/bin/python benchmarks/cycles.py [--cycles 2000] [--clients 4]

One worker process and one client process on an embedded PostgreSQL of their own. Prints cycles per
second under load, and the milliseconds from an answer to the finished execution on an idle machine.
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOW = "cycle"
INPUT = {"ticket": "T-001"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=4)
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    from approvals_site.scratch import scratch

    with scratch("cycles"):
        set_up()
        worker = subprocess.Popen([sys.executable, "manage.py", "flows_worker", "--json"], cwd=ROOT)
        try:
            warm_up()
            found = {"under_load": throughput(options.cycles, options.clients), "idle": latency(200)}
        finally:
            worker.terminate()
            worker.wait()
        print(json.dumps(found, indent=2))


def set_up() -> None:
    os.environ |= {"APPROVALS_LOG_LEVEL": "WARNING", "DJANGO_SETTINGS_MODULE": "benchmarks.settings"}
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def warm_up() -> None:
    throughput(50, 1)


def throughput(cycles: int, clients: int) -> dict[str, float]:
    """All starts as fast as `clients` threads can send them, one more answers as fast as questions appear."""
    from flows.models import Execution

    began, used = time.monotonic(), cpu_seconds()
    before = Execution.objects.filter(status="completed").count()
    each = cycles // clients
    run_all([lambda: start(each)] * clients + [lambda: answer(each * clients)])
    while Execution.objects.filter(status="completed").count() < before + each * clients:
        time.sleep(0.01)
    seconds = time.monotonic() - began
    return {
        "cycles_per_second": round(each * clients / seconds),
        "client_cpu_ms_per_cycle": round((cpu_seconds() - used) / cycles * 1000, 2),
    }


def latency(rounds: int) -> dict[str, float]:
    """Milliseconds from the return of `decide` to the commit of the finished execution, by the hints."""
    from flows.live import hints
    from flows.models import Execution, Interrupt
    from flows.services import executions, interrupts
    from flows.store.connection import listening

    taken = []
    with listening(hints.LIVE) as listener:
        for _ in range(rounds):
            execution = executions.start(flow=FLOW, input=INPUT)
            while not (waiting := Interrupt.objects.filter(execution=execution).first()):
                next(iter(listener.notifies(timeout=0.05, stop_after=1)), None)
            interrupts.decide(interrupt_id=waiting.pk, answer={"approved": True})
            began = time.monotonic()
            while not Execution.objects.filter(pk=execution.pk, status="completed").exists():
                next(iter(listener.notifies(timeout=0.05, stop_after=1)), None)
            taken.append((time.monotonic() - began) * 1000)
    taken.sort()
    return {"p50_ms": round(statistics.median(taken), 2), "p99_ms": round(taken[int(rounds * 0.99)], 2)}


def start(count: int) -> None:
    from flows.services import executions

    for _ in range(count):
        executions.start(flow=FLOW, input=INPUT)


def answer(count: int) -> None:
    """Answer until all clients together have answered `count`; who loses a race takes the next one."""
    from flows.models import Response
    from flows.services import errors, interrupts

    wanted = Response.objects.count() + count
    while Response.objects.count() < wanted:
        waiting = list(interrupts.open_for(None)[:100])
        random.shuffle(waiting)
        for interrupt in waiting:
            with suppress(errors.AlreadyClosed):
                interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
        if not waiting:
            time.sleep(0.005)


def run_all(functions: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
