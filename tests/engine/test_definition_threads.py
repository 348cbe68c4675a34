"""A flow is asked for its definition by every thread that starts, loads or shows it."""

import sys
import threading

import pytest

from flows import TriggerFlow

THREADS, TIMES = 8, 300


@pytest.fixture
def restless():
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_threads_that_ask_at_once_all_get_the_definition(restless):
    child, flow = TriggerFlow(name="child"), TriggerFlow(name="flow")
    child.to(child.chunk("inner")(lambda data: data.input))
    flow.to(child).to(flow.chunk("outer")(lambda data: data.input))
    barrier, results = threading.Barrier(THREADS), []

    def ask():
        barrier.wait()
        for _ in range(TIMES):
            try:
                results.append(flow.definition.hash)
            except Exception as error:
                results.append(error)

    threads = [threading.Thread(target=ask) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [flow.definition.hash] * THREADS * TIMES
