"""Everybody but the workers: they answer, take back, emit, retry and cancel, and are told what came of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import transaction

from flows.models import Execution, Interrupt
from flows.services import early, errors, executions, interrupts
from tests.worker import frozen_clock
from tests.worker.hands import Thread
from tests.worker.known import AN_HOUR, Case, Known, Told

HOLDING = ("answer", "cancel", "emit")
ANOTHER = "0" * 64  # the digest of a question that nobody asked


class People:
    """Two of them may meet: then each has a thread."""

    def __init__(self, known: Known, threads: Sequence[Thread]) -> None:
        self._known, self._threads = known, threads

    def do(self, what: str, choice: int, variant: int) -> bool:
        """One of them does this to one of the executions or questions; False when there is none for it."""
        found = self._matter(what)
        if found:
            getattr(self, f"_{what}")(found[choice % len(found)], variant)
        return bool(found)

    def _matter(self, what: str) -> list[Any]:
        known = self._known
        if what in ("answer", "answer_behind_a_lock"):
            return self._asked()
        if what == "retry":
            failed = set(Execution.objects.filter(status="failed").values_list("pk", flat=True))
            return [case for case in known.cases if case.id in failed]
        matters = {"repeat": list(known.told), "undo": known.late, "answer_early": known.of("early")}
        return matters.get(what, [case for case in known.cases if not case.is_cancelled])

    # -- answers --------------------------------------------------------------------
    def _answer(self, interrupt: Interrupt, variant: int) -> None:
        """An open question takes one answer, of who has seen it; a closed one none."""
        digest = (None, interrupt.digest, ANOTHER)[variant % 3]
        is_open, told = frozen_clock.is_open(interrupt), self._new(interrupt)
        try:
            response = self._decide(interrupt, told, digest)
        except errors.StaleQuestion:
            assert digest == ANOTHER
        except errors.Conflict:
            assert not is_open, f"{interrupt} was open, and refused {told}"
        else:
            assert is_open, f"{interrupt} was {interrupt.status}, and took {told}"
            assert digest != ANOTHER
            assert response.value == told.value
            self._known.answered(interrupt, told)

    def _answer_behind_a_lock(self, interrupt: Interrupt, variant: int) -> None:
        """It has to wait for a transaction of somebody who answers, cancels or emits."""
        was_open, told = frozen_clock.is_open(interrupt), self._new(interrupt)
        with self.holding(HOLDING[variant % 3], self._known.case(interrupt.execution_id), interrupt):
            future = self._threads[1].do_behind_a_lock(lambda: self._decide(interrupt, told))
        try:
            future.result()
        except errors.Conflict:
            interrupt.refresh_from_db()
            assert not was_open or interrupt.status != "waiting"
        else:
            self._known.answered(interrupt, told)

    def _repeat(self, id: UUID, variant: int) -> None:
        """The same request gives its answer again; with another answer it is refused."""
        told = self._known.told[id]
        answer = told.value if variant % 2 else "something else"
        try:
            response = interrupts.decide(interrupt_id=id, answer=answer, request_id=told.request_id)
        except errors.RequestReused:
            assert answer != told.value
        else:
            assert response.value == answer == told.value

    def _undo(self, id: UUID, variant: int) -> None:
        """It can be taken back until its time has come, and not after."""
        try:
            interrupts.undo(interrupt_id=id)
        except errors.TooLate:
            assert id not in self._known.undoable
        else:
            assert id in self._known.undoable
            self._known.undone(id)

    def _answer_early(self, case: Case, variant: int) -> None:
        """The first one counts, whether it comes before the question or after."""
        number = self._known.number()
        try:
            early.answer(execution_id=case.id, key="known", answer=f"{number}", request_id=f"{number}")
        except errors.Conflict:
            return
        assert case.brought is None
        case.brought = f"{number}"

    # -- the rest ---------------------------------------------------------------------
    def _emit(self, case: Case, variant: int) -> None:
        self._try("emit", case)

    def _retry(self, case: Case, variant: int) -> None:
        self._try("retry", case)

    def _cancel(self, case: Case, variant: int) -> None:
        if variant < 2:  # or there would be nothing else
            self._try("cancel", case)

    def _try(self, verb: str, case: Case) -> None:
        try:
            effect = self._begin(verb, case, None)
        except errors.Conflict:
            return
        effect()

    @contextmanager
    def holding(self, verb: str, case: Case, interrupt: Interrupt | None = None) -> Iterator[None]:
        """Somebody has done this in a transaction, which is committed in the end."""
        thread, block = self._threads[0], transaction.atomic()
        thread.do(block.__enter__)
        try:
            effect = thread.do(self._begin, verb, case, interrupt)
        except errors.Conflict:
            effect = None
        try:
            yield
        finally:
            thread.do(block.__exit__, None, None, None)
        if effect is not None:
            effect()

    def answer_everything(self) -> None:
        for execution in Execution.objects.filter(status="failed"):
            executions.retry(execution_id=execution.pk)
        for interrupt in Interrupt.objects.filter(status="waiting"):
            case = self._known.case(interrupt.execution_id)
            if interrupt.key == "known":
                if case.brought is None:
                    self._answer_early(case, 0)
            elif frozen_clock.is_open(interrupt):
                told = self._new(interrupt)
                self._decide(interrupt, told)
                self._known.answered(interrupt, told)

    # -- inside -----------------------------------------------------------------------
    def _begin(self, verb: str, case: Case, interrupt: Interrupt | None) -> Any:
        """Do it, and give what the model has to learn once it is committed."""
        number = self._known.number()
        if verb == "retry":
            executions.retry(execution_id=case.id)
            return lambda: None
        if verb == "cancel":
            executions.cancel(execution_id=case.id, reason="enough")
            return lambda: self._known.cancelled(case)
        if verb == "emit":
            closes = case.kind == "event" and self._open(case) is not None
            executions.emit(execution_id=case.id, event="Go" if closes else "Tick", value=number)
            return lambda: self._known.emitted(case, number, closes=closes)
        asked = interrupt or self._open(case)
        if asked is None:
            return None
        told = self._new(asked)
        self._decide(asked, told)
        return lambda: self._known.answered(asked, told)

    def _open(self, case: Case) -> Interrupt | None:
        rows = Interrupt.objects.filter(execution=case.id, status__in=["waiting", "suspended"])
        return rows.exclude(key="known").order_by("title").first()

    def _decide(self, interrupt: Interrupt, told: Told, digest: str | None = None) -> Any:
        return interrupts.decide(
            interrupt_id=interrupt.pk,
            answer=told.value,
            request_id=told.request_id,
            digest=digest,
            door="browser" if interrupt.undo_seconds else "code",
        )

    def _new(self, interrupt: Interrupt) -> Told:
        number = self._known.number()
        until = self._known.time + AN_HOUR if interrupt.undo_seconds else 0
        return Told(self._known.case(interrupt.execution_id), f"{number}", f"{number}", int(until))

    def _asked(self) -> list[Interrupt]:
        """Those that wait first; the answer to a "known" one comes by its key."""
        found = Interrupt.objects.exclude(key="known")
        return sorted(
            found, key=lambda q: (q.status != "waiting", self._known.place(q.execution_id), q.title)
        )
