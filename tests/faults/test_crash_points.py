"""6. A committed chunk never runs again, and an uncommitted one keeps its idempotency key.

Workers are killed, stalled past their leases and made to fail at every crash point; what they have
left is finished by others, and a stalled one that wakes up commits nothing (7).
"""

import signal

import pytest

from flows.store import crash
from tests.durable import until
from tests.faults import voting
from tests.faults.services import SERVICES
from tests.faults.tour import Tour, everything, let_leases_run_out
from tests.fleet.points import ON_CELERY, SENDING
from tests.herd import Herd, end, is_gone, is_stopped

pytestmark = pytest.mark.django_db(transaction=True)
ALL = ("answered", "early", "expired", "reminded", "emitted", "flaky", "again")
STOPPED = ("hanging", "hanging")
# Points, and how often a worker has been there when it crashes: one worker after the other, on the
# executions that the ones before it left, and some new ones.
GROUPS = {
    "claim": (
        ALL,
        "worker.start:1 claim.before:3 claim.after:1 claim.known:1 load.before:1 load.after:9",
    ),
    "run": (ALL, "read.before:1 read.after:3 read.known:1 run.before:1 run.before:9 run.after:1 run.after:9"),
    "commit": (
        ALL,
        "commit.before:1 commit.before:4 commit.after:1 commit.after:4 commit.known:1 commit.hinted:4",
    ),
    "wake": (ALL, "hint.heard:1 timer.fired:1 timer.fired:2 answer.before:1 answer.written:1 early.taken:1"),
    "answer": (ALL, "answer.committed:2"),
    "renew": (("lasting",), "renew.before:1 renew.after:1"),
    "release": (STOPPED, "release.before:1 release.after:1 shutdown.begin:1 shutdown.end:1"),
}
# Where a failure is that of the thread or chunk that meets it, and the worker goes on.
GOES_ON = ("hint.heard", "answer.before", "answer.written", "answer.committed", "early.taken")
GOES_ON += ("run.before", "run.after", "renew.before", "renew.after")


def orders(group: str) -> list[str]:
    return GROUPS[group][1].split()


def points() -> set[str]:
    return {order.split(":")[0] for group in GROUPS for order in orders(group)}


def set_out(herd: Herd, tour: Tour, group: str, order: str):
    """A worker on its way to where it is ordered to crash."""
    kinds = GROUPS[group][0]
    tour.start(*kinds)
    worker = herd.worker(order)
    if kinds is STOPPED:
        until(lambda: tour.has_begun_all)
        worker.terminate()
    return worker


def finish(herd: Herd, tour: Tour) -> None:
    """A healthy worker takes over and does the rest."""
    let_leases_run_out()
    tour.let_go()
    herd.worker()
    until(lambda: tour.push() or tour.is_over)
    tour.check()


def test_every_point_is_in_one_of_the_tables():
    of_services = {f"{verb}.{place}" for verb, service in SERVICES.items() for place in service.places}
    assert points() | of_services | voting.POINTS | {*SENDING, *ON_CELERY} == crash.POINTS


@pytest.mark.parametrize("group", GROUPS)
def test_killed_there_another_worker_finishes_everything(herd, tour, group):
    for order in orders(group):
        worker = set_out(herd, tour, group, f"{order}:SIGKILL")
        until(lambda worker=worker: tour.push() or is_gone(worker))
        assert worker.exitcode == -signal.SIGKILL, order
        let_leases_run_out()
    finish(herd, tour)


@pytest.mark.parametrize("group", GROUPS)
def test_stalled_there_past_its_lease_it_commits_nothing(herd, tour, group):
    workers = []
    for order in orders(group):
        workers.append(set_out(herd, tour, group, f"{order}:SIGSTOP"))
        until(lambda: tour.push() or is_stopped(workers[-1]))
        let_leases_run_out()
    finish(herd, tour)
    before = everything()
    for worker in workers:
        end(worker)
    assert everything() == before


@pytest.mark.parametrize("group", GROUPS)
def test_failing_there_it_ends_and_loses_nothing(herd, tour, group):
    for order in orders(group):
        if order.split(":")[0] not in GOES_ON:
            worker = set_out(herd, tour, group, f"{order}:raise")
            until(lambda worker=worker: tour.push() or is_gone(worker))
            assert worker.exitcode == 1, order
            let_leases_run_out()
    finish(herd, tour)


def test_failing_there_it_goes_on_and_loses_nothing(herd, tour):
    tour.start(*ALL, "lasting")
    worker = herd.worker(",".join(f"{point}:1:raise" for point in GOES_ON))
    until(lambda: tour.push() or tour.is_over)
    assert all(f"{point}, passage 1" in herd.output() for point in GOES_ON)
    assert end(worker) == 0
    tour.check()
