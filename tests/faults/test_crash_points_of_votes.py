"""2 and 14. A process that is killed while people approve in stages leaves each vote given or not given."""

import signal

import pytest

from flows.models import Event, Vote
from tests.durable import PATIENCE_SECONDS, ask, intact, reload, work
from tests.faults.voting import POINTS, STAGES, approve_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("point", sorted(POINTS))
def test_killed_while_people_approve_it_is_approved_once(herd, fiona, leo, point):
    interrupt = ask(policy=STAGES, undo_seconds=3600)
    process = herd.run(approve_all, interrupt, orders=f"{point}:1:SIGKILL")
    process.join(PATIENCE_SECONDS)
    assert process.exitcode == -signal.SIGKILL
    intact()
    approve_all(interrupt)
    work()
    assert reload(interrupt.execution).status == "completed"
    assert sorted(Vote.objects.values_list("by__username", "stage")) == [("fiona", 0), ("leo", 1)]
    assert Event.objects.filter(kind="interrupt.answered").count() == 1
    intact()
