"""Two workers and the people around them, one crash point at a time, in any order that Hypothesis finds.

Two workers on connections of their own stop at every crash point; between two steps people start,
answer, cancel, emit, retry and take back, leases run out, and workers are killed. After every step the
rows are checked in SQL, at the end everything is compared with what people were told.
DESIGN.md, 8: invariants 1, 2, 3, 4, 5, 6, 7, 8, 10, 11 and 12.
"""

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F
from django.db.models.functions import Now
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from flows.models import Execution, Interrupt, Message, Response
from flows.services import early, errors, executions, integrity, interrupts
from flows.store import crash
from tests.durable import intact, work
from tests.worker.stepping import Stepper, Worker

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = ["begin", "question", "finish"]
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "asks": ("crash.ask", {}),
    "undoable": ("crash.ask", {"undo_seconds": 3600.0}),
    "early": ("crash.ask", {"interrupt_id": "known"}),
    "expires": ("crash.ask", {"expires_in": 0.001, "on_expire": "late"}),
    "event": ("crash.event", {"resume_event": "Go"}),
    "flaky": ("crash.flaky", {}),
    "again": ("crash.again", {}),
    "pair": ("pair", {}),
}
PLAIN = {"expires": "late", "flaky": "opened", "again": "opened", "event": "sent", "early": "yes"}
CHOICE = st.integers(0, 5)


class People(RuleBasedStateMachine):
    """What people know: `told` is the answer that was taken, by interrupt; `kept` are executions with an
    answer before their question; `cancelled` those that ended."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.ledger = Path(self.folder.name) / "ledger"
        self.kinds: dict[Any, str] = {}
        self.told: dict[Any, Any] = {}
        self.kept: set[Any] = set()
        self.cancelled: set[Any] = set()
        self.stepper = Stepper()

    @initialize()
    def begin(self) -> None:
        call_command("flush", interactive=False, verbosity=0)
        self.stepper.workers = [Worker(), Worker()]
        crash.watch(self.stepper)

    # -- workers ------------------------------------------------------------------
    @rule(worker=st.integers(0, 1), choice=CHOICE)
    def step(self, worker: int, choice: int) -> None:
        self.stepper.workers[worker].step(choice)

    @rule(worker=st.integers(0, 1), choice=CHOICE, times=st.integers(3, 25))
    def go(self, worker: int, choice: int, times: int) -> None:
        for _ in range(times):
            self.stepper.workers[worker].step(choice)

    @rule(worker=st.integers(0, 1))
    def kill(self, worker: int) -> None:
        owner = self.stepper.workers[worker].dispatcher.owner
        self.stepper.workers[worker].kill()
        Execution.objects.filter(lease_owner=owner).update(lease_until=Now())

    @rule(worker=st.integers(0, 1))
    def lose_leases(self, worker: int) -> None:
        self.stepper.workers[worker].lose_leases()

    # -- people -------------------------------------------------------------------
    @rule(kind=st.sampled_from(list(KINDS)))
    def start(self, kind: str) -> None:
        flow, input = KINDS[kind]
        execution = executions.start(flow=flow, input=input | {"ledger": str(self.ledger)})
        self.kinds[execution.pk] = kind

    @rule(choice=CHOICE, other=st.booleans())
    def answer(self, choice: int, other: bool) -> None:
        """Whoever was answered refuses another one; the same request gets its first answer again."""
        interrupt = self._one(Interrupt.objects.filter(resume_event=None).exclude(key="known"), choice)
        if interrupt is None:
            return
        request, value = ("second", "no") if other else ("first", "yes")
        door = "browser" if interrupt.undo_seconds else "code"
        with suppress(errors.Conflict):
            response = interrupts.decide(
                interrupt_id=interrupt.pk, answer=value, door=door, request_id=request
            )
            assert self.told.setdefault(interrupt.pk, value) == value == response.value

    @rule(choice=CHOICE)
    def undo(self, choice: int) -> None:
        response = self._one(Response.objects.filter(effective_at__gt=Now()), choice)
        if response is not None:
            interrupts.undo(interrupt_id=response.interrupt_id)
            del self.told[response.interrupt_id]

    @rule(choice=CHOICE)
    def let_the_time_to_undo_run_out(self, choice: int) -> None:
        response = self._one(Response.objects.filter(effective_at__gt=Now()), choice)
        if response is not None:
            Response.objects.filter(pk=response.pk).update(effective_at=Now())
            Message.objects.filter(execution=response.execution_id).update(due_at=Now())
            due = Execution.objects.filter(pk=response.execution_id)
            due.update(wake_at=Now(), message_seq=F("message_seq") + 1)

    @rule(choice=CHOICE)
    def answer_early(self, choice: int) -> None:
        execution = self._one(self._of("early"), choice)
        if execution is not None:
            with suppress(errors.Conflict):
                early.answer(execution_id=execution.pk, key="known", answer="yes", request_id="first")
                self.kept.add(execution.pk)

    @rule(choice=CHOICE)
    def emit(self, choice: int) -> None:
        interrupt = self._one(Interrupt.objects.filter(resume_event="Go", status="waiting"), choice)
        if interrupt is not None:
            executions.emit(execution_id=interrupt.execution_id, event="Go", value="sent")

    @rule(choice=CHOICE)
    def retry(self, choice: int) -> None:
        execution = self._one(Execution.objects.filter(status="failed"), choice)
        if execution is not None:
            executions.retry(execution_id=execution.pk)

    @rule(choice=CHOICE)
    def cancel(self, choice: int) -> None:
        execution = self._one(Execution.objects.all(), choice)
        if execution is not None and choice == 0:
            with suppress(errors.Conflict):
                executions.cancel(execution_id=execution.pk, reason="enough")
                self.cancelled.add(execution.pk)

    # -- what must hold -------------------------------------------------------------
    @invariant()
    def the_rows_are_as_they_must_be(self) -> None:
        assert integrity.check() == []

    def teardown(self) -> None:
        try:
            for worker in self.stepper.workers:
                worker.kill()
            crash.watch(None)
            Execution.objects.filter(lease_owner__isnull=False).update(lease_until=Now())
            for _ in range(6):
                self._push()
            assert not Interrupt.objects.filter(status="waiting").exists()
            self._judge()
        finally:
            crash.watch(None)
            self.folder.cleanup()

    def _push(self) -> None:
        """A fresh worker does what there is to do, and people answer what they are asked."""
        work()
        for choice in range(Response.objects.filter(effective_at__gt=Now()).count()):
            self.let_the_time_to_undo_run_out(choice)
        for execution in Execution.objects.filter(status="failed"):
            executions.retry(execution_id=execution.pk)
        for interrupt in Interrupt.objects.filter(status="waiting"):
            if interrupt.resume_event:
                executions.emit(execution_id=interrupt.execution_id, event="Go", value="sent")
            elif not interrupt.expires_at and interrupt.execution_id not in self.kept:
                interrupts.decide(interrupt_id=interrupt.pk, answer="yes")

    def _judge(self) -> None:
        intact()
        assert not Message.objects.exists()
        for execution in Execution.objects.all():
            if execution.pk in self.cancelled:
                assert execution.status == "cancelled"
                continue
            assert execution.result == self._expected(execution), execution
        answers = dict(Response.objects.values_list("interrupt", "value"))
        assert {id: answers.get(id) for id in self.told} == self.told
        keys = {tuple(line.split()) for line in self._noted()}
        assert len({key[:2] for key in keys}) == len(keys)  # a chunk that is run again keeps its key

    def _expected(self, execution: Execution) -> Any:
        kind = self.kinds[execution.pk]
        answers = {answer.interrupt.title: answer.value for answer in execution.responses.all()}
        if kind == "pair":
            return {"legal": answers["Legal"], "finance": answers["Finance"]}
        return {"steps": STEPS, "answer": PLAIN.get(kind) or answers["Go on?"]}

    def _noted(self) -> list[str]:
        return self.ledger.read_text().splitlines() if self.ledger.exists() else []

    def _of(self, kind: str) -> Any:
        return Execution.objects.filter(pk__in=[id for id, its in self.kinds.items() if its == kind])

    def _one(self, rows: Any, choice: int) -> Any:
        found = list(rows.order_by("pk"))
        return found[choice % len(found)] if found else None


def test_whatever_the_order_nothing_is_lost_and_nothing_done_twice(settings):
    settings.FLOWS_POLL_SECONDS = 0.005  # a worker that waits looks again at once
    thorough = hypothesis_settings.default.max_examples > 1_000
    examples = 300 if thorough else 8
    profile = hypothesis_settings(hypothesis_settings.default, max_examples=examples, stateful_step_count=40)
    run_state_machine_as_test(People, settings=profile)
