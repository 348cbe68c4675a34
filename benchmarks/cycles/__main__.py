"""Durable cycles per second, ours beside others, on one PostgreSQL with default durability.

    .venv/bin/python -m benchmarks.cycles [--cycles 1000] [--rounds 5] [--only ours1 floor] [--json]

A cycle is start, durable pause, answer from another process, durable end. The rounds of the contenders
alternate; printed are medians with least and most. LangGraph and DBOS are installed into
var/benchmarks-venv when they are first needed. Exit code 1 when a budget of DESIGN.md, 9, is missed.
"""

import argparse
import json
import sys
from collections.abc import Sequence

from approvals_site.scratch import scratch
from benchmarks.cycles import figures, idle, meters, ours, rounds, sizes
from benchmarks.cycles.contenders import NAMES, OURS, contender


def main(arguments: Sequence[str] | None = None) -> int:
    options = parsed(arguments)
    with scratch("cycles"):
        found, single = measured(options)
    shown = figures.as_data(found, single)
    print(json.dumps(shown, indent=2) if options.json else figures.table(found, single))
    return 1 if shown["missed"] else 0


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.cycles", description=__doc__)
    parser.add_argument("--cycles", type=int, default=1000, help="of each contender in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pairs", type=int, default=2, help="pairs of a starter and an answerer")
    parser.add_argument("--latency", type=int, default=300, help="answers on the idle machine")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def measured(options: argparse.Namespace) -> tuple[dict[str, list[figures.Round]], dict[str, float]]:
    ours.set_up()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    server, rows = _server(), sizes.measured()
    contenders = [contender(name, sizes.fillers(rows)) for name in options.only]
    for one in contenders:
        if one.name not in OURS:
            rounds.prepare(one, server)
    found: dict[str, list[figures.Round]] = {one.name: [] for one in contenders}
    for number in range(options.rounds + 1):  # the first one fills the tables and is not counted
        for one in contenders:
            print(f"round {number}, {one.name}", file=sys.stderr, flush=True)
            cycles = options.cycles if number else max(options.pairs, options.cycles // 2)
            measured = rounds.run_round(one, server, cycles, options.pairs)
            found[one.name] += [measured] if number else []
    single = {"bytes_waiting": float(rows["asking"])}
    wanted = options.latency and not set(OURS).isdisjoint(options.only)
    return found, single | (idle.latency(options.latency) if wanted else {})


def _server() -> meters.Server:
    from django.db import connection

    from approvals_site.pg_embedded.base import server_for

    embedded = server_for(connection.settings_dict)
    return meters.server(embedded.ensure(), embedded.cluster.place.data)


if __name__ == "__main__":
    sys.exit(main())
