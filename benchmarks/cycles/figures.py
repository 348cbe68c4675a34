"""Arithmetic and presentation of what the rounds gave."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

RATIOS = {"floor": 0.5, "langgraph": 6.0, "dbos": 10.0}  # the least that ours1 has to reach (DESIGN.md, 9)
MOST = {"cpu_ms": 3.0, "transactions": 5.0, "wal_bytes": 4096.0}
MOST_ONCE = {"p50_ms": 4.0, "p99_ms": 10.0, "bytes_waiting": 1024.0}  # measured once in a run


@dataclass(frozen=True)
class Round:
    """One round of one contender; all but `per_second` are per cycle."""

    per_second: float
    client_cpu_ms: float
    worker_cpu_ms: float
    server_cpu_ms: float
    transactions: float
    wal_bytes: float

    @property
    def cpu_ms(self) -> float:
        return self.client_cpu_ms + self.worker_cpu_ms + self.server_cpu_ms


@dataclass(frozen=True)
class Spread:
    """Median, least and most over the rounds."""

    median: float
    least: float
    most: float


COLUMNS: dict[str, Callable[[Round], float]] = {
    "per_second": lambda r: r.per_second,
    "cpu_ms": lambda r: r.cpu_ms,
    "client_cpu_ms": lambda r: r.client_cpu_ms,
    "worker_cpu_ms": lambda r: r.worker_cpu_ms,
    "server_cpu_ms": lambda r: r.server_cpu_ms,
    "transactions": lambda r: r.transactions,
    "wal_bytes": lambda r: r.wal_bytes,
}


def spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that at least `share` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-len(ordered) * share // 1) - 1))]


def summary(rounds: Mapping[str, Sequence[Round]]) -> dict[str, dict[str, Spread]]:
    """The spread of every column, by contender."""
    return {
        name: {column: spread([value(r) for r in of]) for column, value in COLUMNS.items()}
        for name, of in rounds.items()
    }


def ratios(rounds: Mapping[str, Sequence[Round]]) -> dict[str, dict[str, Spread]]:
    """How many cycles ours does for one of theirs, round by round, for each of ours and of the others."""
    ours = [name for name in rounds if name.startswith("ours")]
    others = [name for name in RATIOS if name in rounds]
    return {
        own: {
            other: spread(
                [a.per_second / b.per_second for a, b in zip(rounds[own], rounds[other], strict=True)]
            )
            for other in others
        }
        for own in ours
    }


def missed(rounds: Mapping[str, Sequence[Round]], once: Mapping[str, float]) -> list[str]:
    """The budgets that one worker does not keep, each with what was found."""
    if "ours1" not in rounds:
        return []
    found = summary(rounds)["ours1"]
    problems = [
        f"{other}: {ratio.median:.2f} times, not {RATIOS[other]:g}"
        for other, ratio in ratios(rounds)["ours1"].items()
        if ratio.median < RATIOS[other]
    ]
    problems += [
        f"{c}: {found[c].median:.2f}, not {most:g}" for c, most in MOST.items() if found[c].median > most
    ]
    problems += [f"{c}: {once[c]:.2f}, not {m:g}" for c, m in MOST_ONCE.items() if once.get(c, 0) > m]
    return problems


def table(rounds: Mapping[str, Sequence[Round]], once: Mapping[str, float]) -> str:
    """All of it for a person to read."""
    head = (
        f"{'':10} {'cycles/s':>16} {'CPU ms':>7} {'client':>7} {'worker':>7} {'server':>7} "
        f"{'transactions':>12} {'WAL bytes':>9}"
    )
    lines = [head, *(_line(name, found) for name, found in summary(rounds).items())]
    for own, against in ratios(rounds).items():
        lines += [f"{own} / {other}: {_times(ratio)}" for other, ratio in against.items()]
    if once:
        lines.append(
            "answer to finished on an idle machine, bytes of a waiting execution: "
            + ", ".join(f"{k} {v:.2f}" for k, v in once.items())
        )
    return "\n".join(lines + [f"MISSED {problem}" for problem in missed(rounds, once)])


def as_data(rounds: Mapping[str, Sequence[Round]], once: Mapping[str, float]) -> dict[str, Any]:
    """The same for machines, with the keys of the result below; a spread is [median, least, most]."""
    return {
        "contenders": _data(summary(rounds)),
        "ratios": _data(ratios(rounds)),
        "once": dict(once),
        "missed": missed(rounds, once),
    }


def _data(spreads: Mapping[str, Mapping[str, Spread]]) -> dict[str, Any]:
    return {
        name: {key: [round(v, 3) for v in (s.median, s.least, s.most)] for key, s in of.items()}
        for name, of in spreads.items()
    }


def _line(name: str, found: Mapping[str, Spread]) -> str:
    rate = found["per_second"]
    values = [found[column].median for column in list(COLUMNS)[1:]]
    shown = "{:>7.2f} {:>7.2f} {:>7.2f} {:>7.2f} {:>12.2f} {:>9.0f}".format(*values)
    return f"{name:10} {rate.median:>5.0f} ({rate.least:.0f}–{rate.most:.0f})".ljust(27) + f" {shown}"


def _times(ratio: Spread) -> str:
    return f"{ratio.median:.2f} ({ratio.least:.2f}–{ratio.most:.2f})"
