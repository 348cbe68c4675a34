"""Three workers and the people around them, one claim, read, run or commit at a time, in any order that
Hypothesis finds, with the clock standing still in between.

What the database says is compared with a model of plain values at every step: who may commit, which
answer counts, what can be taken back; and all rows with all invariants. A worker that is told nothing of
its commit, whose lease runs out, or who dies goes on with what it has; people answer and cancel while a
commit or another answer waits for their transaction.
DESIGN.md, 8: invariants 1 to 7, 9 to 12 and 16.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from flows.models import Execution
from flows.services import executions
from tests.worker import frozen_clock
from tests.worker.hands import Hand, Load, Slot, Thread
from tests.worker.known import KINDS, Known
from tests.worker.people import HOLDING, People

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = ("anna", "bert", "cleo")
CHOICE = st.integers(0, 5)
COMMITS = ["commit_all", "commit_unheard", "commit_behind_a_lock"]
WORK = ["go", "go", "step", "claim", "lease", *COMMITS]
TALK = [
    "answer",
    "answer",
    "answer_behind_a_lock",
    "undo",
    "repeat",
    "answer_early",
    "emit",
    "retry",
    "cancel",
]
PASS = ["wait", "start"]
A_WHILE, LONG = 100, 4_000  # longer than a lease; longer than anything
MOST = 4  # executions, so that workers meet


class Interleavings(RuleBasedStateMachine):
    """`hands` are the workers, `known` the model, `people` everybody else."""

    threads: list[Thread]
    slot: Slot

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.ledger = str(Path(self.folder.name) / "ledger")
        self.hands: list[Hand] = []

    @initialize(kinds=st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=3), asked=st.booleans())
    def begin(self, kinds: list[str], asked: bool) -> None:
        frozen_clock.empty()
        self.known = Known()
        self.people = People(self.known, self.threads[:2])
        self.hands = [Hand(name, self.threads[i], self.slot) for i, name in enumerate(WORKERS, 2)]
        for kind in kinds:
            self.start(kind)
        if asked:
            self._do_everything(self.hands[0])

    # One rule, because Hypothesis leaves whole rules out of a run.
    @rule(what=st.sampled_from(WORK + TALK + PASS), who=st.integers(0, 2), choice=CHOICE, variant=CHOICE)
    def go_on(self, what: str, who: int, choice: int, variant: int) -> None:
        if what == "wait":
            self.wait(A_WHILE if variant else LONG)
        elif what == "start" and len(self.known.cases) < MOST:
            self.start(list(KINDS)[(choice + 6 * who) % len(KINDS)])
        elif not (what in TALK and self.people.do(what, choice, variant)):
            self._work(what if what in WORK else "go", who, choice)

    def start(self, kind: str) -> None:
        flow, input = KINDS[kind]
        execution = executions.start(flow=flow, input=input | {"ledger": self.ledger})
        self.known.started(execution.pk, kind)

    def wait(self, seconds: int) -> None:
        frozen_clock.advance(seconds)
        self.known.time += seconds

    # -- workers ------------------------------------------------------------------
    def _work(self, what: str, who: int, choice: int) -> None:
        """One of those that have something does this; when nobody has, one looks for something."""
        busy = [hand for hand in self.hands if (hand.known if what in COMMITS else hand.loads)]
        if what == "claim" or not busy:
            self._claim(self.hands[who], 1 + choice // 2)
        else:
            getattr(self, f"_{what}")(busy[who % len(busy)], choice)

    def _claim(self, hand: Hand, limit: int) -> int:
        claims = sorted(hand.claim(limit), key=lambda claim: self.known.place(claim.id))
        for claim in claims:
            hand.take(claim, self.known.claimed(claim.id, hand.name))
        return len(claims)

    def _step(self, hand: Hand, choice: int) -> None:
        """One of the things that it could do next."""
        if steps := list(hand.steps()):
            self._do(hand, *steps[choice % len(steps)])

    def _go(self, hand: Hand, choice: int) -> None:
        """Some steps in the plain order of things."""
        for _ in range(choice + 1):
            self._step(hand, 0)

    def _commit_all(self, hand: Hand, choice: int) -> None:
        """In one statement; of an execution that it has twice only what it claimed last."""
        loads = list({load.id: load for load in hand.known}.values())
        rows = hand.commit(loads)
        for load in loads:
            self.known.judge_commit(hand, load, rows.get(load.id))
            self.known.tell(hand, load, rows.get(load.id))

    def _commit_unheard(self, hand: Hand, choice: int) -> None:
        """What became of it is lost on the way: it does not know, and will try again."""
        load = hand.known[choice % len(hand.known)]
        self.known.judge_commit(hand, load, hand.commit([load]).get(load.id))

    def _commit_behind_a_lock(self, hand: Hand, choice: int) -> None:
        """Somebody's transaction has the row when the commit comes, and what it wrote counts first."""
        load = hand.known[choice // 3 % len(hand.known)]
        with self.people.holding(HOLDING[choice % 3], self.known.case(load.id)):
            future = hand.thread.do_behind_a_lock(hand.committing([load]))
        row = future.result().get(load.id)
        self.known.judge_commit(hand, load, row)
        self.known.tell(hand, load, row)

    def _lease(self, hand: Hand, choice: int) -> None:
        """It hands something back without a commit, renews a lease, or dies and forgets everything."""
        load = hand.loads[choice // 3 % len(hand.loads)]
        if choice % 3 == 0:
            self.known.released(hand, load, hand.release(load))
        elif choice % 3 == 1:
            self.known.renewed(hand, load, hand.renew(load))
        else:
            hand.die()

    def _do_everything(self, hand: Hand) -> None:
        """All that is due."""
        while self._claim(hand, 10):
            while hand.loads:
                self._step(hand, 0)

    def _do(self, hand: Hand, verb: str, load: Load) -> None:
        if verb != "commit":
            getattr(hand, verb)(load)
            return
        hand.tend(load)
        row = hand.commit([load]).get(load.id)
        self.known.judge_commit(hand, load, row)
        self.known.tell(hand, load, row)

    # -- what must hold -------------------------------------------------------------
    @invariant()
    def no_worker_sleeps_past_what_it_has_to_do(self) -> None:
        assert frozen_clock.slept_past() == []

    def teardown(self) -> None:
        try:
            if self.hands:
                self._finish(Hand("last", self.threads[2], self.slot))
                self.known.judge()
        finally:
            self.folder.cleanup()

    def _finish(self, last: Hand) -> None:
        """All workers are gone; a new one does what there is to do, and people answer what they are asked."""
        for _ in range(12):
            self.wait(LONG)
            self._do_everything(last)
            if not Execution.objects.exclude(status__in=["completed", "cancelled"]).exists():
                return
            self.people.answer_everything()


@contextmanager
def _threads() -> Iterator[None]:
    """For all runs the same: of people, of workers for the database, and for chunks."""
    Interleavings.threads, Interleavings.slot = [Thread() for _ in range(5)], Slot()
    try:
        yield
    finally:
        for thread in (*Interleavings.threads, Interleavings.slot):
            thread.end()


def test_whatever_the_order_nothing_is_lost_and_nothing_done_twice():
    thorough = hypothesis_settings.default.max_examples > 1_000
    profile = hypothesis_settings(
        hypothesis_settings.default,
        max_examples=2_000 if thorough else 40,
        stateful_step_count=60 if thorough else 40,
        phases=list(Phase) if thorough else [Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    with frozen_clock.frozen(), _threads():
        run_state_machine_as_test(Interleavings, settings=profile)
