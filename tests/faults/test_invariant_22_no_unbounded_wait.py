"""22. No unbounded wait: a worker gives up connections that say nothing any more, and goes on with others."""

import time

import pytest

from flows.models import Interrupt
from flows.services import executions, interrupts
from tests.durable import reload, until
from tests.faults import reach
from tests.faults.pages import waiting
from tests.faults.proxy import Cut, Mode, Way
from tests.faults.whole import ONCE, kinds

pytestmark = pytest.mark.django_db(transaction=True)

LEASE_SECONDS = 4.0  # a dead connection has to be noticed in a quarter of it, also on a busy machine
COMMIT = b"WITH input AS"
ONLY_HINTS = {"FLOWS_LEASE_SECONDS": "60", "FLOWS_POLL_SECONDS": "60"}  # longer than any test


@pytest.mark.parametrize("mode", reach.SILENT)
def test_a_worker_whose_connections_fall_silent_goes_on_with_new_ones(mode, proxy, through, processes):
    worker = processes.worker(**through)
    interrupt = waiting()
    proxy.become(mode, new=False)
    before = time.monotonic()
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
    until(lambda: reload(interrupt.execution).status == "completed")
    print(f"\n{mode.name}: the worker went on after {time.monotonic() - before:.1f} s")
    assert worker.poll() is None


@pytest.mark.parametrize("mode", reach.SILENT)
def test_a_silent_connection_costs_no_lease(mode, proxy, through, processes, tmp_path):
    processes.worker(**through, FLOWS_LEASE_SECONDS=str(LEASE_SECONDS))
    execution = executions.start(flow="watching", input=str(tmp_path))
    until((tmp_path / "began").exists)
    processes.worker(FLOWS_LEASE_SECONDS=str(LEASE_SECONDS))  # would take it over
    lease = reload(execution).lease_until
    until(lambda: reload(execution).lease_until > lease)  # the connection that renews it is there
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


@pytest.mark.parametrize("deliver", [False, True])
def test_cut_at_a_commit_it_is_done_once(deliver, proxy, through, processes):
    processes.worker(**through, **ONLY_HINTS)
    interrupt = waiting()
    cut = proxy.cut_at(Cut(Way.UP, needle=COMMIT, deliver=deliver))
    answered_and_finished(interrupt, cut)


def test_what_a_claim_has_taken_whose_answer_was_cut_waits_for_no_lease(proxy, through, processes):
    processes.worker(**through, **ONLY_HINTS)
    interrupt = waiting()
    cut = proxy.cut_at(Cut(Way.DOWN, needle=str(interrupt.execution_id).encode()))
    answered_and_finished(interrupt, cut)


def answered_and_finished(interrupt, cut) -> None:
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
    assert cut.done.wait(10)
    until(lambda: reload(interrupt.execution).status == "completed")
    assert kinds(interrupt.execution) == ONCE


def test_cut_after_ever_more_bytes_of_both_ways_everything_still_finishes_once(proxy, through, processes):
    processes.worker(**through)
    started = [executions.start(flow="ask", input={}) for _ in range(8)]
    for bytes_passed in (1_500, 3_000, 6_000):
        for way in Way:
            proxy.heal()
            cut = proxy.cut_at(Cut(way, after_bytes=bytes_passed))
            answer_all()
            until(lambda cut=cut: cut.done.is_set() or all_done(started))
    proxy.heal()
    until(lambda: answer_all() or all_done(started))
    assert all(kinds(execution) == ONCE for execution in started)


def answer_all() -> None:
    for interrupt in Interrupt.objects.waiting():
        interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})


def all_done(started) -> bool:
    return all(reload(execution).status == "completed" for execution in started)
