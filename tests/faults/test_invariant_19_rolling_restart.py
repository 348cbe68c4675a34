"""19. A rolling restart loses and stalls nothing: each worker hands back at once what it does not finish.

The lease is a minute and no test waits that long: whatever was not handed back would be missing.
"""

import http.client
import signal
import threading

import pytest

from flows.models import Execution, Interrupt
from flows.services import executions, interrupts
from tests.durable import Threads, reload, until
from tests.faults.pages import answer
from tests.faults.reach import Person
from tests.faults.whole import ONCE, kinds
from tests.site import running

pytestmark = pytest.mark.django_db(transaction=True)

LEASE = {"FLOWS_LEASE_SECONDS": "60", "FLOWS_GRACE_SECONDS": "5"}
WORKERS = 3
PAUSE_SECONDS = 0.02  # leaves the processors to the workers
AT_ONCE = 12  # executions that are always under way


class Traffic:
    """People who start and answer without a pause until they are told to stop."""

    def __init__(self) -> None:
        self.started: list[Execution] = []
        self.over = threading.Event()

    def start(self) -> None:
        while not self.over.wait(PAUSE_SECONDS):
            open_ones = Execution.objects.exclude(status="completed").count()
            self.started += [executions.start(flow="ask", input={}) for _ in range(AT_ONCE - open_ones)]

    def answer(self) -> None:
        while not self.over.wait(PAUSE_SECONDS) or not self.is_done():
            for interrupt in Interrupt.objects.waiting():
                interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})

    def is_done(self) -> bool:
        return not Execution.objects.exclude(status="completed").exists()


def test_workers_are_replaced_one_after_another_under_load(processes):
    traffic = Traffic()
    workers = [processes.worker(**LEASE) for _ in range(WORKERS)]

    def restart_each():
        for worker in workers:
            done = Execution.objects.filter(status="completed").count()
            until(lambda done=done: Execution.objects.filter(status="completed").count() > done + AT_ONCE)
            processes.worker(**LEASE)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(10) == 0
        traffic.over.set()

    results = Threads([traffic.start, traffic.answer, restart_each]).run()
    assert results == [None, None, None]
    assert traffic.is_done()
    assert len(traffic.started) > WORKERS * AT_ONCE
    for execution in traffic.started:
        assert kinds(execution) == ONCE
        assert reload(execution).lease_owner is None


def test_the_web_server_is_replaced_while_people_answer(tmp_path, fiona):
    asked = [executions.start(flow="ask", input={}) for _ in range(2 * AT_ONCE)]
    with running(tmp_path / "log", **LEASE) as site:
        until(lambda: Interrupt.objects.count() == len(asked))
        person, restarted = Person(site.url, fiona), threading.Event()
        statuses: list[int] = []

        def answer_all():
            for number, interrupt in enumerate(Interrupt.objects.all()):
                if number == AT_ONCE:
                    restarted.wait(20)
                statuses.append(answer_until_taken(person, interrupt))

        results = Threads([answer_all, lambda: restart_web(site, statuses, restarted)]).run()
        assert results == [None, None]
        assert set(statuses) == {200}
        until(lambda: all(reload(execution).status == "completed" for execution in asked))
        assert all(kinds(execution) == ONCE for execution in asked)


def restart_web(site, statuses, restarted) -> None:
    until(lambda: len(statuses) > AT_ONCE // 2)
    old = site.children["web"]
    site.start_web()
    old.terminate()
    assert old.wait(10) == 0
    restarted.set()


def answer_until_taken(person, interrupt) -> int:
    """A browser whose request the server drops says so, and its person sends the form again."""
    while True:
        try:
            return answer(person, interrupt).status
        except (http.client.HTTPException, OSError):
            continue
