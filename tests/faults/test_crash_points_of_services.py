"""3. A retried answer with its own key gets its own result, also when its first sender was killed.

A process is killed at each crash point of each service: the call has happened or has not, never by
half; what the process was told before it died is kept (1), and each transition has its event (14).
"""

import signal

import pytest

from flows.models import Interrupt
from flows.services import interrupts
from tests.durable import PATIENCE_SECONDS, work
from tests.faults.services import SERVICES, call_each, execution_of
from tests.faults.tour import check_history

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("verb", SERVICES)
def test_killed_in_a_service_its_call_has_happened_or_has_not(herd, tour, tmp_path, verb):
    service, called = SERVICES[verb], []
    for place in service.places:
        targets = [service.prepare({"ledger": str(tour.ledger)}) for _ in range(2)]
        acknowledged = tmp_path / place
        process = herd.run(call_each, verb, targets, acknowledged, orders=f"{verb}.{place}:2:SIGKILL")
        process.join(PATIENCE_SECONDS)
        assert (process.exitcode, acknowledged.read_text()) == (-signal.SIGKILL, verb)
        assert [service.happened(target) for target in targets] == [True, service.is_done_at(place)]
        called += targets
        if service.is_repeatable or not service.is_done_at(place):
            service.call(targets[1])
    work()
    for interrupt in Interrupt.objects.waiting():
        interrupts.decide(interrupt_id=interrupt.pk, answer="yes")
    work()
    assert {execution_of(target).status for target in called} == {service.end}
    assert len({execution_of(target).pk for target in called}) == 2 * len(service.places)
    assert all(len(keys) == 1 and sum(keys.values()) == 1 for keys in tour.runs().values())
    check_history()
