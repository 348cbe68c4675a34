"""Random flows under random kills, stalls and restarts: is anything lost, or done twice?

    .venv/bin/python -m benchmarks.chaos [--kills 500] [--stalls 50] [--workers 4] [--json]

Real workers and a real client on a PostgreSQL of their own, with default durability. Exit code 1 when
anything was lost, anything is broken at the end, or there were fewer kills than `--at-least`.
"""

import argparse
import json
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType
from typing import Any, NoReturn

from benchmarks.chaos.ground import Ground, ground

LEASE_SECONDS = 1.5
DRAIN_SECONDS = 150.0
JUDGE_SECONDS = 90.0
LET_WORK_SECONDS = 0.3
SAY_EVERY = 100  # kills
# What the two sides ask all the time concerns only what is open, however much has ended before.
INDEX = "CREATE INDEX chaos_open ON flows_execution (created_at) WHERE finished_at IS NULL"


def main(arguments: Sequence[str] | None = None) -> int:
    options = parsed(arguments)
    signal.signal(signal.SIGTERM, give_up)
    signal.signal(signal.SIGALRM, give_up)
    if options.seconds:
        signal.alarm(int(options.seconds + DRAIN_SECONDS + JUDGE_SECONDS))
    with ground() as server:
        set_up(server)
        shown = measured(options, server)
    print(json.dumps(shown, indent=2) if options.json else table(shown))
    return 1 if shown["lost"] or shown["broken"] else 0


def give_up(number: int, _: FrameType | None) -> NoReturn:
    """Raise wherever the main thread is, once, so that whatever was started ends all the same."""
    for other in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(other, signal.SIG_IGN)
    raise SystemExit(f"Given up after signal {signal.Signals(number).name}")


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--stalls", type=int, default=50)
    parser.add_argument("--restarts-every", type=int, default=125, help="kills; 0: never")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--pause", type=float, default=0.1, help="seconds between two of them")
    parser.add_argument("--seconds", type=float, help="no more kills after this; at the end of all, give up")
    parser.add_argument("--at-least", type=int, default=0, help="kills, or the run says too little")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def set_up(server: Ground) -> None:
    os.environ |= {
        "APPROVALS_VAR_DIR": str(server.folder),
        "DATABASE_URL": server.url,
        "APPROVALS_LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "FLOWS_LEASE_SECONDS": str(LEASE_SECONDS),
        "FLOWS_POLL_SECONDS": "0.2",
        "CHAOS_LEDGER": str(server.folder / "ledger"),
    }
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(INDEX)


def measured(options: argparse.Namespace, server: Ground) -> dict[str, Any]:
    from benchmarks.chaos import clients, judge
    from benchmarks.chaos.havoc import Havoc, until
    from tests.herd import CONTEXT, Herd

    folder = server.folder
    herd, phase = Herd(folder / "herd.log"), CONTEXT.Value("i", 0)
    began = time.monotonic()
    try:
        havoc = Havoc(server, herd, options.workers, LEASE_SECONDS)
        herd.run(clients.run, str(folder / "journal"), 100, 2, phase)
        wreak(havoc, options)
        phase.value = 1
        havoc.wake_all()
        until(lambda: havoc.look_around() or not is_open(), DRAIN_SECONDS)
        phase.value = 2
        verdict = judge.judged(folder / "journal", folder / "ledger")
        log = herd.output()
    finally:
        herd.stop()
    if havoc.done.kills < options.at_least:
        verdict.broken.append(f"only {havoc.done.kills} kills, which say too little")
    return report(verdict, havoc.done, log) | {"seconds": round(time.monotonic() - began)}


def wreak(havoc: Any, options: argparse.Namespace) -> None:
    """Kills and stalls in random order, a restart every so many kills."""
    order = ["kill_one"] * options.kills + ["stall_one"] * options.stalls
    random.Random(1).shuffle(order)  # noqa: S311
    began, every = time.monotonic(), options.restarts_every
    for what in order:
        seconds = time.monotonic() - began
        if options.seconds and seconds > options.seconds:
            return
        getattr(havoc, what)()
        if what == "kill_one" and every and havoc.done.kills % every == 0:
            havoc.restart()
        if what == "kill_one" and havoc.done.kills % SAY_EVERY == 0:
            print(f"{havoc.done.kills} kills, {havoc.done.stalls} stalls, {seconds:.0f} s", file=sys.stderr)
        time.sleep(options.pause)
        havoc.let_work(LET_WORK_SECONDS)
        havoc.look_around()


def is_open() -> bool:
    from benchmarks.chaos.havoc import patiently

    ((found,),) = patiently("SELECT EXISTS (SELECT FROM flows_execution WHERE finished_at IS NULL)")
    return bool(found)


def report(verdict: Any, done: Any, log: str) -> dict[str, Any]:
    recoveries = sorted(done.recoveries)
    return {
        "executions": verdict.executions,
        "answers": verdict.answers,
        "kills": done.kills,
        "stalls": done.stalls,
        "restarts": done.restarts,
        "run_again": verdict.run_again,
        "refused": log.count("was taken over"),
        "recovery": {
            name: at(recoveries, share) for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1))
        },
        "lost": verdict.lost,
        "broken": verdict.broken,
    }


def at(ordered: list[float], share: float) -> float | None:
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 2) if ordered else None


def table(shown: dict[str, Any]) -> str:
    recovery, executions = shown["recovery"], shown["executions"]
    lines = [
        ("executions", ", ".join(f"{count} {status}" for status, count in sorted(executions.items()))),
        ("answers", shown["answers"]),
        ("kills, stalls, restarts", f"{shown['kills']}, {shown['stalls']}, {shown['restarts']}"),
        ("chunks run more than once before their commit", shown["run_again"]),
        ("zombie commits refused", shown["refused"]),
        ("recovery p50, p99, max (s)", ", ".join(str(value) for value in recovery.values())),
        ("seconds", shown["seconds"]),
        ("lost", len(shown["lost"])),
        ("broken", len(shown["broken"])),
    ]
    problems = [*shown["lost"], *shown["broken"]][:20]
    return "\n".join([*(f"{name:<46} {value}" for name, value in lines), *problems])


if __name__ == "__main__":
    sys.exit(main())
