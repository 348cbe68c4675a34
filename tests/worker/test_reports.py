"""Contracts and the stream, under the durable runtime."""

import pytest

from flows.models import Event, Execution
from flows.services import errors, executions
from tests.durable import reload, work

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_a_chunk_puts_into_the_stream_is_in_the_history():
    execution = executions.start(flow="reporting", input=[1, 2])
    work()
    assert reload(execution).status == "completed"
    reported = Event.objects.filter(kind="execution.reported").order_by("id")
    assert [event.detail for event in reported] == [{"item": {"done": 1}}, {"item": {"done": 2}}]


def test_an_input_against_the_contract_is_refused_at_the_start():
    with pytest.raises(errors.InvalidInput) as caught:
        executions.start(flow="reporting", input=[1, "x"])
    assert [problem.path for problem in caught.value.problems] == [(1,)]
    assert not Execution.objects.exists()
