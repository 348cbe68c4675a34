"""19. A rolling restart loses and stalls nothing: each worker hands back at once what it does not finish.

The lease is a minute and no test waits that long: whatever was not handed back would be missing.
"""

import http.client
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connections

from flows.models import Execution, Interrupt
from flows.services import executions, interrupts
from tests.durable import reload, until
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
    """People who start and answer without a pause, until its block ends and everything is answered."""

    def __init__(self) -> None:
        self.started: list[Execution] = []
        self._over = threading.Event()
        self._people = [threading.Thread(target=self._be, args=[does]) for does in (self._start, self.answer)]

    def __enter__(self) -> "Traffic":
        for person in self._people:
            person.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        for person in self._people:
            person.join()

    def _be(self, does: Callable[[], None]) -> None:
        try:
            while not self._over.wait(PAUSE_SECONDS):
                does()
        finally:
            connections.close_all()

    def _start(self) -> None:
        unfinished = Execution.objects.exclude(status="completed").count()
        self.started += [executions.start(flow="ask", input={}) for _ in range(AT_ONCE - unfinished)]

    def answer(self) -> None:
        for interrupt in Interrupt.objects.waiting():
            interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})


def completed() -> int:
    return Execution.objects.filter(status="completed").count()


def test_workers_are_replaced_one_after_another_under_load(processes):
    workers = [processes.worker(**LEASE) for _ in range(WORKERS)]
    until(lambda: processes.output().count(" is ready") == WORKERS)
    with Traffic() as traffic:
        for worker in workers:
            goal = completed() + AT_ONCE
            until(lambda goal=goal: completed() > goal)
            processes.worker(**LEASE)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(20) == 0
    until(lambda: traffic.answer() or completed() == len(traffic.started))
    assert len(traffic.started) > WORKERS * AT_ONCE
    for execution in traffic.started:
        assert kinds(execution) == ONCE
        assert reload(execution).lease_owner is None


def test_the_web_server_is_replaced_while_people_answer(tmp_path, fiona):
    asked = [executions.start(flow="ask", input={}) for _ in range(2 * AT_ONCE)]
    with running(tmp_path / "log", **LEASE) as site:
        until(lambda: Interrupt.objects.count() == len(asked))
        waiting = list(Interrupt.objects.all())
        person, restarted = Person(site.url, fiona), threading.Event()
        statuses: list[int] = []

        def answer_all():
            for number, interrupt in enumerate(waiting):
                if number == AT_ONCE:
                    restarted.wait(20)
                statuses.append(answer_until_taken(person, interrupt))

        with people(answer_all):
            until(lambda: len(statuses) > AT_ONCE // 2)
            old = site.children["web"]
            site.start_web()
            old.terminate()
            assert old.wait(20) == 0
            restarted.set()
        assert set(statuses) == {200}
        until(lambda: all(reload(execution).status == "completed" for execution in asked))
        assert all(kinds(execution) == ONCE for execution in asked)


@contextmanager
def people(does: Callable[[], None]) -> Iterator[None]:
    """Somebody who does this meanwhile, and has finished at the end."""
    thread = threading.Thread(target=does)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def answer_until_taken(person, interrupt) -> int:
    """A browser whose request the server drops says so, and its person sends the form again."""
    while True:
        try:
            return answer(person, interrupt).status
        except (http.client.HTTPException, OSError):
            continue
