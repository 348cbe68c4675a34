"""Which worker runs which chunk."""

import pytest
from django.db.models.functions import Now

from flows.models import Execution, Interrupt
from flows.services import executions, interrupts
from flows.worker import Dispatcher
from tests.durable import reload, until, work, working
from tests.flows_for_tests import flows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def nothing_has_run():
    flows.runs.clear()


def serve(*queues) -> None:
    assert Dispatcher(queues=queues).run(until_idle=True)


def test_a_chunk_waits_for_a_worker_of_its_queue_and_the_rest_goes_on():
    execution = executions.start(flow="render", input="poster")
    serve("default")
    assert (flows.runs, reload(execution).queue, reload(execution).status) == (["prepare"], "gpu", "running")
    serve("default")
    assert flows.runs == ["prepare"]
    serve("gpu")
    assert (flows.runs, reload(execution).queue) == (["prepare", "render"], "default")
    serve("default")
    assert (flows.runs, reload(execution).status) == (["prepare", "render", "publish"], "waiting")


def test_what_waits_for_a_person_belongs_to_the_queue_of_its_flow():
    execution = executions.start(flow="render", input="poster")
    work()
    assert (reload(execution).status, reload(execution).queue) == ("waiting", "default")
    interrupts.decide(interrupt_id=Interrupt.objects.get().pk, answer={"approved": True})
    serve("gpu")
    assert reload(execution).status == "waiting"
    serve("default")
    assert reload(execution).status == "completed"


def test_a_flow_belongs_to_the_workers_of_its_queue():
    execution = executions.start(flow="night", input=None)
    assert execution.queue == "night"
    serve("default", "gpu")
    assert flows.runs == []
    serve("night")
    assert reload(execution).status == "completed"


def test_handing_over_is_no_claim_without_progress():
    execution = executions.start(flow="render", input="poster")
    serve("default")
    assert (reload(execution).claims, reload(execution).lease_owner) == (0, None)


def test_a_worker_of_the_other_queue_hears_that_it_is_its_turn(settings):
    settings.FLOWS_POLL_SECONDS = 60
    with working(queues=["gpu"]) as gpu, working(queues=["default"]) as default:
        until(lambda: not gpu._claiming.look and not default._claiming.look)
        execution = executions.start(flow="render", input="poster")
        until(lambda: reload(execution).status == "waiting")
    assert sorted(flows.runs) == ["prepare", "publish", "render"]


def test_processes_share_the_work_by_queue(processes):
    processes.worker("--queues", "default")
    started = [executions.start(flow="render", input=n) for n in range(5)]
    until(lambda: Execution.objects.filter(queue="gpu", lease_owner=None).count() == len(started))
    processes.worker("--queues", "gpu, night")
    until(lambda: Execution.objects.filter(status="waiting").count() == len(started))
    assert "serves queues gpu, night" in processes.output()


def test_a_killed_worker_is_replaced_by_one_of_the_same_queue():
    """The lease of a dead worker of “gpu” runs out: others of that queue take over, and no others."""
    execution = executions.start(flow="render", input="poster")
    serve("default")
    Dispatcher(queues=["gpu"], lease_seconds=0.001)._claiming.claim(1)
    until(lambda: not Execution.objects.filter(lease_until__gt=Now()).exists())
    serve("default")
    assert flows.runs == ["prepare"]
    serve("gpu")
    assert (reload(execution).queue, flows.runs) == ("default", ["prepare", "render"])
