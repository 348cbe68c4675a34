"""Executions of every kind that a worker may crash in, pushed to their end from outside, and judged there."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models.functions import Now

from flows.models import Event, Execution, Interrupt, Message
from flows.services import early, errors, executions, interrupts
from tests.durable import intact

STEPS = ["begin", "question", "finish"]
DUMP = """
SELECT json_agg(r ORDER BY r::text) FROM (
    SELECT to_jsonb(e) FROM flows_execution e UNION ALL SELECT to_jsonb(q) FROM flows_interrupt q
    UNION ALL SELECT to_jsonb(a) FROM flows_response a UNION ALL SELECT to_jsonb(v) FROM flows_event v
    UNION ALL SELECT to_jsonb(m) FROM flows_message m) AS rows(r)
"""


def answer(execution: Execution) -> None:
    for interrupt in Interrupt.objects.filter(execution=execution, status="waiting"):
        interrupts.decide(interrupt_id=interrupt.pk, answer="yes", request_id="once")


def answer_when_reminded(execution: Execution) -> None:
    if Event.objects.filter(execution=execution, kind="interrupt.reminded").exists():
        answer(execution)


def emit(execution: Execution) -> None:
    if Interrupt.objects.filter(execution=execution, status="waiting").exists():
        executions.emit(execution_id=execution.pk, event="Go", value="yes")


def answer_early(execution: Execution) -> None:
    early.answer(execution_id=execution.pk, key="known", answer="early", request_id="once")


def nothing(execution: Execution) -> None:
    pass


@dataclass(frozen=True)
class Kind:
    """A flow with its input; `answer` is what arrives at its end, and `push` what people do for it."""

    flow: str
    answer: Any
    input: dict[str, Any] = field(default_factory=dict)
    push: Callable[[Execution], object] = nothing
    after_start: Callable[[Execution], object] = nothing


KINDS = {
    "answered": Kind("crash.ask", "yes", push=answer),
    "early": Kind("crash.ask", "early", {"interrupt_id": "known"}, after_start=answer_early),
    "expired": Kind("crash.ask", "late", {"expires_in": 0.05, "on_expire": "late"}),
    "reminded": Kind("crash.ask", "yes", {"remind_after": 0.05}, push=answer_when_reminded),
    "emitted": Kind("crash.event", "yes", {"resume_event": "Go"}, push=emit),
    "flaky": Kind("crash.flaky", "opened"),
    "again": Kind("crash.again", "opened"),
    "lasting": Kind("crash.lasting", "renewed"),
    "hanging": Kind("crash.hanging", "let go"),
}


class Tour:
    """Some executions of these kinds, their runs noted in the file `ledger`."""

    def __init__(self, ledger: Path) -> None:
        self.ledger = ledger
        self._kinds: dict[Any, Kind] = {}

    def start(self, *names: str) -> Execution:
        """The last one started."""
        for name in names:
            kind = KINDS[name]
            execution = executions.start(flow=kind.flow, input=kind.input | {"ledger": str(self.ledger)})
            kind.after_start(execution)
            self._kinds[execution.pk] = kind
        return execution

    def push(self) -> None:
        """Do for each what people would do now."""
        for execution in Execution.objects.filter(pk__in=self._kinds).exclude(status="completed"):
            try:
                if execution.status == "failed":
                    executions.retry(execution_id=execution.pk)
                self._kinds[execution.pk].push(execution)
            except errors.Conflict:  # a worker was faster
                continue

    @property
    def is_over(self) -> bool:
        return self.has_completed(len(self._kinds))

    def has_completed(self, count: int) -> bool:
        return Execution.objects.filter(pk__in=self._kinds, status="completed").count() >= count

    @property
    def has_begun_all(self) -> bool:
        """Whether each has come to its question, or to where it hangs."""
        return {id for id, step in self.runs() if step == "question"} == {str(id) for id in self._kinds}

    def let_go(self) -> None:
        """End what hangs."""
        self.ledger.with_name("ledger.go").touch()

    def runs(self) -> dict[tuple[str, str], Counter[str]]:
        """How often each chunk was run, by (execution, step) and idempotency key."""
        found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for line in self.ledger.read_text().splitlines() if self.ledger.exists() else ():
            execution, step, key = line.split()
            found[execution, step][key] += 1
        return found

    def check(self) -> None:
        """Nothing is lost, every chunk was committed once, and the rows agree."""
        for id, kind in self._kinds.items():
            execution = Execution.objects.get(pk=id)
            assert (execution.status, execution.result) == (
                "completed",
                {"steps": STEPS, "answer": kind.answer},
            )
            assert execution.wake_at is execution.lease_owner is None
        assert all(len(keys) == 1 for keys in self.runs().values())  # a chunk that is run again keeps its key
        check_history()


def check_history() -> None:
    """Every row is as it must be, nothing waits, no message is left over, and nobody was reminded twice."""
    intact()
    assert not Message.objects.exists()
    assert not Interrupt.objects.filter(status__in=("waiting", "suspended")).exists()
    reminded = Event.objects.filter(kind="interrupt.reminded").values_list("interrupt", flat=True)
    assert len(set(reminded)) == len(reminded)


def let_leases_run_out() -> None:
    """Of all workers. Being claimed often makes nobody a suspect here."""
    Execution.objects.filter(lease_owner__isnull=False).update(lease_until=Now(), claims=0)


def everything() -> Any:
    """All rows of the runtime, to be compared."""
    with connection.cursor() as cursor:
        cursor.execute(DUMP)
        return cursor.fetchone()[0]
