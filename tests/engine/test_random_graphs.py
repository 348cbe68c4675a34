"""Random flows under random orders of answers, saves, loads, emits, retries and cancels, against the model.

pytest tests/engine/test_random_graphs.py --hypothesis-profile=thorough     2,000 examples and more
"""

import contextlib
import json
from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.engine import graphs

FAILURES = (ConnectionError,)
ACTIVE = ("running", "waiting", "failed")


class Life(RuleBasedStateMachine):
    """One execution of one random flow; at the end it is driven to its result."""

    @initialize(program=graphs.programs(), value=st.integers(0, 1000))
    def begin(self, program, value):
        program = graphs.numbered(program)
        self.commits = Counter()
        self.flow = graphs.Builder("random", self.commits).build(program)
        self.result, self.log = graphs.expected(program, value)
        self.answered = 0
        self.execution = self.flow.create_execution(auto_close=False)
        self.do(lambda: self.execution.start(value))

    def do(self, call):
        with contextlib.suppress(*FAILURES):
            call()

    @precondition(lambda self: self.execution.get_pending_interrupts())
    @rule(which=st.integers(0, 50))
    def answer(self, which):
        pending = self.execution.get_pending_interrupts()
        key = list(pending)[which % len(pending)]
        answer = graphs.answer_to(pending[key]["payload"])
        self.answered += 1
        self.do(lambda: self.execution.continue_with(key, answer))

    @rule()
    def save_and_load(self):
        saved = json.loads(json.dumps(self.execution.save()))
        self.execution = self.flow.create_execution(auto_close=False).load(saved)

    @precondition(lambda self: self.execution.status == "failed")
    @rule()
    def retry(self):
        self.do(self.execution.retry)

    @precondition(lambda self: self.execution.status in ACTIVE)
    @rule()
    def emit_what_nobody_waits_for(self):
        self.do(lambda: self.execution.emit("Unrelated", 1))

    @precondition(lambda self: self.execution.status in ACTIVE)
    @rule(chance=st.integers(0, 30))
    def cancel(self, chance):
        if chance == 0:
            self.execution.cancel("no longer needed")
            assert self.execution.get_pending_interrupts() == {}

    @invariant()
    def no_chunk_commits_more_often_than_it_may(self):
        assert not self.commits - self.log

    @invariant()
    def it_waits_if_and_only_if_something_is_waited_for(self):
        pending = bool(self.execution.get_pending_interrupts())
        assert (self.execution.status == "waiting") == (pending and self.execution.status != "failed")

    def teardown(self):
        if not hasattr(self, "execution") or self.execution.status == "cancelled":
            return
        while self.execution.status in ("waiting", "failed"):
            self.retry() if self.execution.status == "failed" else self.answer(self.answered)
        state = self.execution.close()
        assert state["$final_result"] == self.result
        assert self.commits == self.log
        assert "dropped" not in state
        assert self.execution.save()["joins"] == []


TestLife = Life.TestCase
TestLife.settings = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    stateful_step_count=30,
    deadline=None,
)
