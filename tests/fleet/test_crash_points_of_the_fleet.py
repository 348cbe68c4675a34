"""6, 7 and 8 for chunks on Celery: workers killed, stalled and failing between every two steps of a run.

All of them start at once, each with an order of its own, and take of the same runs until each has met
its point; then a healthy one finishes everything.
"""

import signal
import subprocess

import psutil
import pytest

from flows.models import Event, Execution, RemoteRun
from flows.services import executions
from tests.durable import reload, until, working
from tests.faults.tour import everything
from tests.fleet.points import ON_CELERY, SENDING

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("left_intact")]
SUDDEN = ("fleet.claimed", "fleet.written", "fleet.brought")  # ends that nothing in the process can tidy up
STALLED_MS = "300"  # a stalled process loses its open transaction after this, and with it its locks


@pytest.fixture
def start(lingering):
    """Starts one more; its chunk does not linger."""
    lingering.input["linger"] = []
    return lambda: executions.start(flow="heavy lingers", input=lingering.input)


def has_ended(worker: subprocess.Popen) -> bool:
    return worker.poll() is not None


def is_stopped(worker: subprocess.Popen) -> bool:
    return psutil.Process(worker.pid).status() == psutil.STATUS_STOPPED


def work_until(all_are, workers, start) -> None:
    """Start executions until every one of these workers has come to its point."""

    def come() -> bool:
        if RemoteRun.objects.filter(status="queued").count() < 2 * len(workers):
            start()
        return all(all_are(worker) for worker in workers)

    until(come)


def workers_with(fleet, orders: list[str], **extra: str) -> list[subprocess.Popen]:
    """One for each of the orders, all of them up."""
    before = fleet.output().count("ready.")
    workers = [fleet.worker(CRASH=order, **extra) for order in orders]
    for count in range(1, len(workers) + 1):
        until(lambda count=count: fleet.output().count("ready.") >= before + count)
    return workers


def finish(fleet) -> None:
    """Each ends as if nothing had been, its chunk committed once and under the key of its first attempt."""
    workers_with(fleet, [""])
    for execution in Execution.objects.all():
        until(lambda execution=execution: reload(execution).status == "completed")
        execution.refresh_from_db()
        attempt, key = execution.result
        assert key == f"{execution.pk}:1"
        run = RemoteRun.objects.get(execution=execution)
        assert (run.status, run.attempt + run.epoch - 1) == ("done", attempt)
    assert Event.objects.filter(kind="execution.completed").count() == Execution.objects.count()


def test_killed_there_another_one_finishes_everything(fleet, start):
    workers = workers_with(fleet, [f"{point}:1:SIGKILL" for point in SUDDEN])
    with working():
        work_until(has_ended, workers, start)
        assert [worker.returncode for worker in workers] == [-signal.SIGKILL] * len(SUDDEN)
        finish(fleet)


def test_stalled_there_past_its_lease_it_brings_nothing(fleet, start):
    workers = workers_with(fleet, [f"{point}:1:SIGSTOP" for point in SUDDEN], STALLED_MS=STALLED_MS)
    with working():
        work_until(is_stopped, workers, start)
        finish(fleet)
        before = everything()
        for worker in workers:
            worker.send_signal(signal.SIGCONT)
            worker.terminate()
        for worker in workers:
            until(lambda worker=worker: has_ended(worker))
    assert "'dropped'" in fleet.output()
    assert everything() == before


def test_failing_there_the_run_is_done_again(fleet, start):
    orders = [f"{point}:{nth}:raise" for nth, point in enumerate(ON_CELERY, 1)]
    workers_with(fleet, [",".join(orders)])
    with working():
        for _ in range(3 * len(ON_CELERY)):
            start()
        until(lambda: all(f"{point}, passage" in fleet.output() for point in ON_CELERY))
        finish(fleet)


def test_a_flows_worker_killed_before_or_after_it_sends_loses_no_run(fleet, processes, start):
    workers = [processes.worker(CRASH=f"{point}:1:SIGKILL") for point in SENDING]
    until(lambda: processes.output().count("is ready") >= len(workers))
    work_until(has_ended, workers, start)
    assert [worker.returncode for worker in workers] == [-signal.SIGKILL] * len(SENDING)
    with working():
        finish(fleet)
