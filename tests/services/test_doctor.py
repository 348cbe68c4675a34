"""Before a deploy: what of all that is open would not go on with this code."""

import json

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from flows import TriggerFlow, registry
from flows.models import Execution, Interrupt
from flows.services import doctor, executions, interrupts
from tests.durable import ask, reload, work
from tests.flows_for_tests import flows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def deployed(monkeypatch):
    """Puts another flow of the name "ask" in the place of the registered one, as a new release does."""

    def deploy(*names, **changes):
        flow = TriggerFlow(name="ask")
        chain = flow
        for name in names:
            chain = chain.to(flow.chunk(name)(lambda data: data.input))
        old = registry.get("ask")
        fields = {"flow": flow, "name": "ask", "title": "Ask", "description": "", "start_groups": ()}
        new = registry.Registration(**fields | {"input_schema": old.input_schema} | changes)
        monkeypatch.setitem(registry._registrations, "ask", new)

    return deploy


def found() -> list[tuple]:
    return [(g.flow, g.problem, g.missing, g.count) for g in doctor.examine().problems]


def test_what_the_code_still_has_goes_on():
    ask()
    executions.start(flow="pair", input=None)
    report = doctor.examine()
    assert (report.executions, report.changed, report.problems, report.parked) == (2, 0, [], [])


def test_a_changed_flow_that_keeps_its_open_steps_goes_on(deployed):
    ask()
    deployed("ask", "keep", "and then")
    report = doctor.examine()
    assert (report.executions, report.changed, report.problems) == (1, 1, [])


def test_a_missing_step_is_named_with_a_count_and_examples(deployed):
    ids = {str(ask().execution_id) for _ in range(7)}
    deployed("asks", "keep")
    assert found() == [("ask", "missing_steps", ("ask",), 7)]
    (group,) = doctor.examine().problems
    assert len(group.examples) == 5
    assert set(group.examples) < ids
    assert "“ask”" in group.message


def test_a_step_that_failed_and_is_gone_is_found_before_its_retry(deployed):
    interrupts.decide(interrupt_id=ask().pk, answer={"approved": True})
    flows.broken.add("keep")
    work()
    flows.broken.clear()
    assert found() == []
    deployed("ask", "keeps")
    assert found() == [("ask", "missing_steps", ("ask/keep",), 1)]


def test_what_doctor_says_is_what_workers_do(deployed):
    kept, lost = ask(), ask()
    for interrupt in (kept, lost):
        interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
    snapshot = json.loads(reload(lost.execution).snapshot)
    snapshot["interrupts"][0]["step"] = "gone"
    Execution.objects.filter(pk=lost.execution_id).update(snapshot=json.dumps(snapshot))
    deployed("ask", "other")
    (group,) = doctor.examine().problems
    assert (group.missing, group.examples) == (("gone",), [str(lost.execution_id)])
    work()
    assert reload(kept.execution).status == "completed"
    assert reload(lost.execution).error["type"] == "NeedsMigration"


def test_flows_that_are_gone_and_snapshots_that_cannot_be_read_are_found():
    for changes in ({"flow": "gone"}, {"snapshot": "{"}, {"snapshot": "[]"}, {"snapshot": '{"format": 99}'}):
        Execution.objects.filter(pk=ask().execution_id).update(**changes)
    assert sorted(found()) == [("ask", "unreadable_snapshot", (), 3), ("gone", "unknown_flow", (), 1)]


def test_an_input_that_has_not_been_begun_with_and_no_longer_fits_is_found(deployed):
    ask()
    executions.start(flow="ask", input={"amount": "ten"})
    assert found() == []
    wanted = {"type": "object", "properties": {"amount": {"type": "integer"}}}
    deployed("ask", "keep", input_schema=wanted)
    assert found() == [("ask", "input_schema", (), 1)]
    assert "amount" in doctor.examine().problems[0].message


def test_a_question_whose_answers_can_no_longer_be_judged_is_found():
    good = ask(response_schema={"type": "object"})
    bad = ask(response_schema={"type": "object", "title": "Amount"})
    assert found() == []
    Interrupt.objects.filter(pk=bad.pk).update(response_schema={"pattern": "("})
    (group,) = doctor.examine().problems
    assert (group.problem, group.missing, group.examples) == ("response_schema", ("ask",), [str(bad.pk)])
    assert str(good.pk) not in group.examples


def test_what_was_set_aside_before_is_listed_apart(deployed):
    lost, damaged = ask().execution, ask().execution
    Execution.objects.filter(pk=damaged.pk).update(snapshot="{")
    Execution.objects.update(wake_at="2000-01-01T00:00Z")
    deployed("asks")
    work()
    deployed("ask", "keep")
    report = doctor.examine()
    assert report.problems == []
    assert [(p.problem, p.count, p.ready, p.examples) for p in report.parked] == [
        ("NeedsMigration", 1, 1, [str(lost.pk)]),
        ("UnreadableSnapshot", 1, 0, [str(damaged.pk)]),
    ]


def test_what_has_ended_does_not_matter(deployed):
    interrupts.decide(interrupt_id=ask().pk, answer={"approved": True})
    work()
    executions.cancel(execution_id=ask().execution_id, reason="enough")
    deployed("nothing", "of", "it")
    assert doctor.examine().executions == 0


def test_nothing_is_written():
    ask()
    before = list(Execution.objects.values())
    doctor.examine()
    assert list(Execution.objects.values()) == before


def test_it_comes_before_migrate():
    """New code looks at a database of the first release."""
    ask()
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes("flows")
    MigrationExecutor(connection).migrate([("flows", "0001_initial")])
    try:
        assert doctor.examine().executions == 1
    finally:
        MigrationExecutor(connection).migrate(leaves)
