"""22. No deadlock and no unbounded wait: connections that say nothing any more are given up in time."""

import time

import pytest
from django.db import OperationalError

from flows.models import Interrupt
from flows.services import executions, interrupts
from tests.durable import reload, until
from tests.faults import reach
from tests.faults.proxy import Cut, Mode, Way

pytestmark = pytest.mark.django_db(transaction=True)

LEASE_SECONDS = 4.0  # a dead connection has to be noticed in a quarter of it, also on a busy machine
SILENT = [Mode.HALF_OPEN, Mode.BLACK_HOLE]
CLAIM, COMMIT = b"SKIP LOCKED", b"WITH input AS"


def waiting() -> Interrupt:
    execution = executions.start(flow="ask", input={})
    return until(lambda: Interrupt.objects.filter(execution=execution).first())


@pytest.mark.parametrize("mode", SILENT)
def test_a_worker_whose_connections_fall_silent_goes_on_with_new_ones(mode, proxy, through, processes):
    worker = processes.worker(**through)
    interrupt = waiting()
    proxy.become(mode, new=False)
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
    until(lambda: reload(interrupt.execution).status == "completed")
    assert worker.poll() is None


@pytest.mark.parametrize("mode", SILENT)
def test_a_silent_connection_costs_no_lease(mode, proxy, through, processes, tmp_path):
    processes.worker(**through, FLOWS_LEASE_SECONDS=str(LEASE_SECONDS))
    execution = executions.start(flow="watching", input=str(tmp_path))
    until((tmp_path / "began").exists)
    processes.worker(FLOWS_LEASE_SECONDS=str(LEASE_SECONDS))  # would take it over
    proxy.become(mode, new=False)
    lease = reload(execution).lease_until
    until(lambda: (reload(execution).lease_until - lease).total_seconds() > 1.5 * LEASE_SECONDS)
    (tmp_path / "go on").touch()
    until(lambda: reload(execution).status == "completed")
    assert reload(execution).result == "went on"


def test_a_worker_that_reaches_nothing_is_replaced_and_its_chunk_is_told(proxy, through, processes, tmp_path):
    cut_off = processes.worker(**through)
    execution = executions.start(flow="watching", input=str(tmp_path))
    until((tmp_path / "began").exists)
    proxy.become(Mode.HALF_OPEN)
    processes.worker()
    until(lambda: reload(execution).status == "completed")
    assert reload(execution).result == "taken over"
    epoch = reload(execution).epoch
    proxy.become(Mode.PASS, existing=False)
    until((tmp_path / "told").exists)
    assert (tmp_path / "told").read_text() == "cancelled"
    later = executions.start(flow="ask", input={})
    until(lambda: reload(later).status == "waiting")
    assert (reload(execution).result, reload(execution).epoch) == ("taken over", epoch)
    assert cut_off.poll() is None


@pytest.mark.parametrize("needle", [CLAIM, COMMIT])
@pytest.mark.parametrize("deliver", [False, True])
def test_cut_in_the_middle_of_claim_or_commit_nothing_is_lost_or_done_twice(
    needle, deliver, proxy, through, processes
):
    processes.worker(**through)
    interrupt = waiting()
    cut = proxy.cut_at(Cut(Way.UP, needle=needle, deliver=deliver))
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
    assert cut.done.wait(10)
    proxy.cut = None
    until(lambda: reload(interrupt.execution).status == "completed")
    kinds = [event.kind for event in interrupt.execution.events.order_by("id")]
    assert kinds == ["execution.started", "interrupt.opened", "interrupt.answered", "execution.completed"]


def test_cut_after_ever_more_bytes_of_both_ways_everything_still_finishes_once(proxy, through, processes):
    processes.worker(**through)
    proxy.cut = Cut(Way.UP, after_bytes=2_000)
    started = [executions.start(flow="ask", input={}) for _ in range(8)]
    for step in range(1, 9):
        proxy.heal()
        proxy.cut_at(Cut(Way.UP if step % 2 else Way.DOWN, after_bytes=700 * step))
        for interrupt in Interrupt.objects.waiting():
            interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
        until(lambda: proxy.cut.done.is_set() or all_done(started))
    proxy.heal()
    until(lambda: answered_all(started))
    for execution in started:
        kinds = [event.kind for event in execution.events.order_by("id")]
        assert kinds == ["execution.started", "interrupt.opened", "interrupt.answered", "execution.completed"]


def all_done(started) -> bool:
    return all(reload(execution).status == "completed" for execution in started)


def answered_all(started) -> bool:
    for interrupt in Interrupt.objects.waiting():
        interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
    return all_done(started)


def test_a_service_whose_connection_falls_silent_raises_within_its_patience(proxy):
    with reach.by(reach.url_through(proxy.port)) as connection:
        connection.settings_dict["OPTIONS"] |= {"patience": 1.0, "connect_timeout": 2}
        executions.start(flow="ask", input={})
        proxy.become(Mode.BLACK_HOLE)
        before = time.monotonic()
        with pytest.raises(OperationalError):
            executions.start(flow="ask", input={})
        assert time.monotonic() - before < 6  # one answer, and one try to connect again
