"""A chunk that never gives way stalls itself alone: real workers, and longer than two leases."""

from datetime import timedelta

import pytest
from django.conf import settings

from flows.models import Event
from flows.services import executions
from tests.durable import reload, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("how", ["doze", "reckon"])
def test_a_chunk_that_blocks_its_event_loop_keeps_its_lease_and_lets_others_run(processes, tmp_path, how):
    log, end = tmp_path / "log", tmp_path / "end"
    processes.worker("--concurrency", "2")
    blocked = executions.start(flow="block", input={"how": how, "log": str(log), "until": str(end)})
    first = until(lambda: log.exists() and reload(blocked))
    others = [executions.start(flow="crowd", input=[number]) for number in range(3)]
    until(lambda: all(reload(other).status == "completed" for other in others))
    processes.worker("--concurrency", "2")  # would take it over
    until(lambda: processes.output().count("is ready") == 2)
    leases = timedelta(seconds=2 * settings.FLOWS_LEASE_SECONDS)
    renewed = until(lambda: (row := reload(blocked)).lease_until >= first.lease_until + leases and row)
    assert renewed.lease_owner == first.lease_owner
    end.touch()
    until(lambda: reload(blocked).status == "completed")
    assert (log.read_text(), reload(blocked).epoch) == ("begun\n", renewed.epoch + 1)
    assert Event.objects.filter(execution=blocked, kind="execution.completed").count() == 1
