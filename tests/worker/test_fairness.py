"""Nobody starves: not a flow beside a big one, not an execution beside one of many chunks."""

import pytest
from django.db.models.functions import Now

from flows.models import Execution
from flows.services import executions
from flows.worker import Dispatcher
from tests.durable import reload, start_at_once, until, working
from tests.flows_for_tests import flows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_has_run():
    flows.runs.clear()


def crowd(count: int, wake_at=None) -> None:
    """So many executions of one chunk, ready since long."""
    wake_at = wake_at or "2000-01-01T00:00Z"
    start_at_once(Execution(flow="crowd", input=["crowd"], wake_at=wake_at) for _ in range(count))


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_flow_with_thousands_ready_does_not_starve_another(concurrency):
    crowd(5000)
    executions.start(flow="night", input=None)
    with working(concurrency=concurrency):
        until(lambda: "watch" in flows.runs)
    assert flows.runs.index("watch") <= 2 * concurrency


def test_a_flow_that_comes_later_does_not_wait_for_those_before_it():
    crowd(5000)
    with working(concurrency=2):
        until(lambda: len(flows.runs) > 10)
        late = executions.start(flow="night", input=None)
        until(lambda: reload(late).status == "completed")
    assert Execution.objects.filter(flow="crowd").exclude(status="completed").count() > 2000


@pytest.mark.parametrize("concurrency", [1, 2])
def test_an_execution_of_many_chunks_does_not_starve_the_next_of_its_flow(concurrency):
    many = Execution(flow="crowd", input=list(range(300)), wake_at="2000-01-01T00:00Z")
    start_at_once([many, Execution(flow="crowd", input=["late"], wake_at=Now())])
    assert Dispatcher(concurrency=concurrency).run(until_idle=True)
    assert flows.runs.index("late") <= 5
    assert len(flows.runs) == 301


def test_no_more_is_held_than_can_take_turns():
    """Each of these wants many slots: what cannot get one stays for other workers."""
    start_at_once(Execution(flow="crowd", input=list(range(20)), wake_at=Now()) for _ in range(30))
    with working(concurrency=2) as dispatcher:
        most = 0
        while Execution.objects.exclude(status="completed").exists():
            most = max(most, len(dispatcher._holds))
    assert most <= 4
    assert len(flows.runs) == 600
