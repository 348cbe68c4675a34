"""A worker that ends, stalls or fails at any crash point: everything finishes, and nothing twice.

DESIGN.md, 8: invariants 1, 4, 6, 7, 8 and 12 at every boundary between claim, load, run and commit.
"""

import os
import signal

import pytest

from tests.durable import until
from tests.faults.tour import Tour, everything, let_leases_run_out
from tests.herd import Herd, end, is_gone, is_stopped

pytestmark = pytest.mark.django_db(transaction=True)
ALL = ("answered", "early", "expired", "reminded", "emitted", "flaky", "again")
LASTING, STOPPED = ("lasting",), ("hanging", "hanging")
# Where a worker comes to: how often it has been there before it crashes, and in what.
POINTS = {
    "worker.start": ((1,), ALL),
    "claim.before": ((1, 3), ALL),
    "claim.after": ((1, 3), ALL),
    "claim.known": ((1, 3), ALL),
    "load.before": ((1, 9), ALL),
    "load.after": ((1, 9), ALL),
    "read.before": ((1, 3), ALL),
    "read.after": ((1, 3), ALL),
    "read.known": ((1, 3), ALL),
    "run.before": ((1, 12), ALL),
    "run.after": ((1, 12), ALL),
    "commit.before": ((1, 3, 5), ALL),
    "commit.after": ((1, 3, 5), ALL),
    "commit.known": ((1, 3, 5), ALL),
    "commit.hinted": ((1, 3, 5), ALL),
    "timer.fired": ((1, 2, 3), ALL),
    "hint.heard": ((1,), ALL),
    "answer.before": ((1, 2), ALL),
    "answer.written": ((1, 2), ALL),
    "answer.committed": ((1, 2), ALL),
    "early.taken": ((1,), ALL),
    "renew.before": ((1,), LASTING),
    "renew.after": ((1,), LASTING),
    "release.before": ((1,), STOPPED),
    "release.after": ((1,), STOPPED),
    "shutdown.begin": ((1,), STOPPED),
    "shutdown.end": ((1,), STOPPED),
}
CASES = [(point, nth) for point, (passages, _) in POINTS.items() for nth in passages]
GOES_ON = {"hint.heard", "renew.before", "renew.after", "run.before", "run.after"}  # what it raises there


def set_out(herd: Herd, tour: Tour, order: str):
    """A worker on its way to the point of `order`."""
    kinds = POINTS[order.split(":")[0]][1]
    tour.start(*kinds)
    worker = herd.worker(order)
    if kinds is STOPPED:
        until(lambda: tour.ledger.exists() and tour.ledger.read_text().count(" question ") == 2)
        worker.terminate()
    return worker


def finish(herd: Herd, tour: Tour) -> None:
    """A healthy worker takes over and does the rest."""
    let_leases_run_out()
    tour.ledger.with_name("ledger.go").touch()
    healthy = herd.worker()
    until(lambda: tour.push() or tour.is_over)
    assert end(healthy) == 0
    tour.check()


@pytest.mark.parametrize(("point", "nth"), CASES)
def test_killed_there_another_worker_finishes_everything(herd, tour, point, nth):
    worker = set_out(herd, tour, f"{point}:{nth}:SIGKILL")
    until(lambda: tour.push() or is_gone(worker))
    assert worker.exitcode == -signal.SIGKILL
    finish(herd, tour)


@pytest.mark.parametrize(("point", "nth"), [(point, max(POINTS[point][0])) for point in POINTS])
def test_stalled_there_past_its_lease_it_commits_nothing(herd, tour, point, nth):
    worker = set_out(herd, tour, f"{point}:{nth}:SIGSTOP")
    until(lambda: tour.push() or is_stopped(worker))
    finish(herd, tour)
    before = everything()
    os.kill(worker.pid, signal.SIGCONT)
    end(worker)
    assert everything() == before


@pytest.mark.parametrize("point", POINTS)
def test_failing_there_it_ends_or_goes_on_and_loses_nothing(herd, tour, point):
    worker = set_out(herd, tour, f"{point}:1:raise")
    if point in GOES_ON:
        until(lambda: tour.push() or tour.is_over)
        assert end(worker) == 0
    else:
        until(lambda: tour.push() or is_gone(worker))
        assert worker.exitcode == 1
    finish(herd, tour)
