"""A model of the durable store in plain values: what it must say next, from what it has said so far."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flows.models import Execution, Interrupt, Message, Response
from flows.services import executions
from flows.store.commits import Committed
from tests.durable import intact
from tests.worker.hands import LEASE_SECONDS, Hand, Key, Load

AN_HOUR = 3600.0
STEPS = ["begin", "question", "finish"]
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "asks": ("crash.counting", {}),
    "undoable": ("crash.counting", {"undo_seconds": AN_HOUR}),
    "expires": ("crash.counting", {"undo_seconds": AN_HOUR, "expires_in": AN_HOUR, "on_expire": "late"}),
    "event": ("crash.event", {"undo_seconds": AN_HOUR, "resume_event": "Go"}),
    "early": ("crash.ask", {"interrupt_id": "known"}),
    "flaky": ("crash.flaky", {}),
    "patient": ("crash.patient", {}),
    "pair": ("pair", {}),
}
WITHOUT_QUESTION = ("flaky", "patient")


@dataclass(eq=False)
class Case:
    """One execution. `version` counts claims, commits and the cancel; `owner` may commit what is of this
    version. `committed` says who has committed an activation; `counted` are events that came for certain
    before its end, `sent` all that were taken; `brought` what its early answer or its event said."""

    id: UUID
    kind: str
    version: int = 0
    owner: str | None = None
    lease_ends: int = 0
    is_cancelled: bool = False
    is_answered: bool = False
    committed: dict[Key, str] = field(default_factory=dict)
    counted: set[int] = field(default_factory=set)
    sent: set[int] = field(default_factory=set)
    brought: Any = None


@dataclass(frozen=True)
class Told:
    """An answer that was acknowledged; until the instant `until` it can be taken back."""

    case: Case
    value: str
    request_id: str
    until: int


class Known:
    """`told` are the answers by interrupt, `time` is the clock in seconds since the beginning."""

    def __init__(self) -> None:
        self.time = 0
        self.cases: list[Case] = []
        self.told: dict[UUID, Told] = {}
        self._by_id: dict[UUID, Case] = {}
        self._numbers = iter(range(1_000_000))

    # -- looking --------------------------------------------------------------------
    def number(self) -> int:
        """A new one, so that no two answers are alike."""
        return next(self._numbers)

    def case(self, id: UUID) -> Case:
        return self._by_id[id]

    def place(self, id: UUID) -> int:
        return self.cases.index(self.case(id))

    def of(self, kind: str) -> list[Case]:
        return [case for case in self.cases if case.kind == kind]

    @property
    def undoable(self) -> list[UUID]:
        """Answers that can be taken back."""
        return [id for id, told in self.told.items() if told.until > self.time and not told.case.is_cancelled]

    @property
    def late(self) -> list[UUID]:
        """Answers that could be taken back once."""
        return [id for id, told in self.told.items() if told.until]

    # -- workers --------------------------------------------------------------------
    def started(self, id: UUID, kind: str) -> None:
        self.cases.append(Case(id, kind))
        self._by_id[id] = self.cases[-1]

    def claimed(self, id: UUID, owner: str) -> int:
        """Nobody has it any more; the version of this claim."""
        case = self.case(id)
        assert case.owner is None or case.lease_ends <= self.time, f"{owner} took it from {case.owner}"
        case.version += 1
        case.owner, case.lease_ends = owner, self.time + LEASE_SECONDS
        return case.version

    def judge_commit(self, hand: Hand, load: Load, row: Committed | None) -> None:
        """Who has the version of now, and still has it, may commit, once; nobody else."""
        case = self.case(load.id)
        is_theirs = (case.version, case.owner) == (load.version, hand.name)
        assert (row is not None) == is_theirs, f"{hand.name}, {load.version}: {case}"
        if row is None:
            return
        again = [key for key in load.done if key in case.committed]
        assert not again, f"{hand.name} commits {again} again: {case}"
        case.committed |= dict.fromkeys(load.done, hand.name)
        case.version += 1
        if not row.held:
            case.owner = None

    def tell(self, hand: Hand, load: Load, row: Committed | None) -> None:
        """The worker hears what became of its commit."""
        hand.learn(load, row)
        if row is not None:
            load.version = self.case(load.id).version

    def released(self, hand: Hand, load: Load, was: bool) -> None:
        case = self.case(load.id)
        assert was == (case.owner == hand.name)
        if was:
            case.owner = None

    def renewed(self, hand: Hand, load: Load, was: bool) -> None:
        case = self.case(load.id)
        assert was == (case.owner == hand.name)
        if was:
            case.lease_ends = self.time + LEASE_SECONDS

    # -- people ---------------------------------------------------------------------
    def answered(self, interrupt: Interrupt, told: Told) -> None:
        """One acknowledgement for each question."""
        assert interrupt.pk not in self.told, (told, self.told[interrupt.pk])
        self.told[interrupt.pk] = told
        told.case.is_answered = True

    def undone(self, id: UUID) -> None:
        del self.told[id]

    def cancelled(self, case: Case) -> None:
        case.version += 1
        case.owner, case.is_cancelled = None, True

    def emitted(self, case: Case, number: int, *, closes: bool) -> None:
        case.sent.add(number)
        if not case.is_answered:
            case.counted.add(number)
        if closes:
            case.brought, case.is_answered = number, True

    # -- the end --------------------------------------------------------------------
    def judge(self) -> None:
        """Everything has ended, as everybody was told."""
        intact()
        assert not Message.objects.exists()
        given = dict(Response.objects.exclude(door="timer").values_list("interrupt", "value"))
        assert given == {id: told.value for id, told in self.told.items()} | self._delivered(given)
        for interrupt in Interrupt.objects.filter(expires_at__isnull=False):
            is_late = interrupt.closed_at >= interrupt.expires_at
            assert is_late == (interrupt.status == "expired") or interrupt.status == "cancelled"
        for case in self.cases:
            self._judge(case, Execution.objects.get(pk=case.id))

    def _delivered(self, given: dict[UUID, Any]) -> dict[UUID, Any]:
        """Answers that came before their question, where it was asked."""
        asked = Interrupt.objects.filter(key="known", pk__in=given)
        return {interrupt.pk: self.case(interrupt.execution_id).brought for interrupt in asked}

    def _judge(self, case: Case, execution: Execution) -> None:
        if case.is_cancelled:
            assert execution.status == "cancelled"
            return
        assert execution.status == "completed", execution.error
        state = executions.state(execution)
        if case.kind == "pair":
            said = {answer.interrupt.title.lower(): answer.value for answer in execution.responses.all()}
            assert execution.result == said
            return
        assert execution.result == {"steps": STEPS, "answer": self._answer(case, execution)}
        ticks = state.get("ticks", [])
        assert len(ticks) == len(set(ticks))
        if execution.flow == "crash.counting":
            assert case.counted <= set(ticks) <= case.sent

    def _answer(self, case: Case, execution: Execution) -> Any:
        if case.kind in WITHOUT_QUESTION:
            return "opened"
        if case.kind == "early":
            return case.brought
        told = [told.value for told in self.told.values() if told.case is case]
        if told:
            return told[0]
        return "late" if case.kind == "expires" else case.brought
