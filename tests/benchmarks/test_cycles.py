"""The benchmark of cycles: its arithmetic, its budgets, and a run of a few cycles with real processes."""

import json
import subprocess
import sys

import pytest
from django.conf import settings

from benchmarks.cycles import figures
from benchmarks.cycles.figures import Round, Spread


def made(per_second: float, **other: float) -> Round:
    measured = {
        "client_cpu_ms": 0.5,
        "worker_cpu_ms": 0.5,
        "server_cpu_ms": 1.0,
        "transactions": 4.0,
        "wal_bytes": 4000.0,
    }
    return Round(per_second, **(measured | other))


def test_a_spread_is_the_median_with_least_and_most():
    assert figures.spread([5.0, 1.0, 3.0]) == Spread(3.0, 1.0, 5.0)


@pytest.mark.parametrize("share, value", [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_percentiles_of_one_to_hundred(share, value):
    assert figures.percentile(range(100, 0, -1), share) == value


def test_ratios_compare_round_with_round():
    rounds = {"ours1": [made(100), made(300)], "floor": [made(200), made(400)]}
    assert figures.ratios(rounds) == {"ours1": {"floor": Spread(0.625, 0.5, 0.75)}}


def test_kept_budgets_are_not_reported():
    rounds = {"ours1": [made(600)], "floor": [made(1200)], "langgraph": [made(100)], "dbos": [made(60)]}
    assert figures.missed(rounds, {"p50_ms": 4.0, "p99_ms": 10.0}) == []


@pytest.mark.parametrize(
    "rounds, latency, problem",
    [
        ({"ours1": [made(500)], "floor": [made(1250)]}, {}, "floor: 0.40 times, not 0.5"),
        ({"ours1": [made(500)], "dbos": [made(100)]}, {}, "dbos: 5.00 times, not 10"),
        ({"ours1": [made(500, client_cpu_ms=2.0)]}, {}, "cpu_ms: 3.50, not 3"),
        ({"ours1": [made(500, transactions=6.0)]}, {}, "transactions: 6.00, not 5"),
        ({"ours1": [made(500)]}, {"p50_ms": 3.0, "p99_ms": 11.0}, "p99_ms: 11.00, not 10"),
    ],
)
def test_a_missed_budget_is_named_with_what_was_found(rounds, latency, problem):
    assert figures.missed(rounds, latency) == [problem]
    assert f"MISSED {problem}" in figures.table(rounds, latency)


def test_a_few_cycles_of_ours_and_of_the_floor():
    options = ["--only", "ours1", "floor", "--cycles", "20", "--rounds", "1", "--latency", "5", "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.cycles", *options],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        timeout=120,
        check=False,
    )
    found = json.loads(done.stdout)
    assert done.returncode == (1 if found["missed"] else 0)
    for name in ("ours1", "floor"):
        median = {column: values[0] for column, values in found["contenders"][name].items()}
        assert median["per_second"] > 1
        assert 2 <= median["transactions"] <= 200
        assert 1_000 <= median["wal_bytes"] <= 200_000
    assert set(found["ratios"]["ours1"]) == {"floor"}
    assert 0 < found["once"]["p50_ms"] <= found["once"]["p99_ms"]
