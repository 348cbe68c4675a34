"""What is not JSON is refused where it is given, so that every snapshot can be stored."""

import pytest

from flows import TriggerFlow
from flows.engine import NotJSON, SnapshotMismatch


def flow_of(chunk):
    flow = TriggerFlow(name="f")
    flow.to(flow.chunk("c")(chunk))
    return flow


def asks(data):
    return data.pause_for(interrupt_id="q", resume_to="self")


@pytest.mark.parametrize("type", [object(), None, 3, "a\0", "\ud800"])
def test_the_type_of_a_pause_is_text(type):
    with pytest.raises(ValueError):
        flow_of(lambda data: data.pause_for(type=type)).start_execution()


@pytest.mark.parametrize("event", ["a\0", "\ud800"])
def test_the_name_of_an_event_is_text_that_json_can_carry(event):
    with pytest.raises(NotJSON):
        flow_of(lambda data: data.emit(event)).start_execution()


def test_who_answers_is_json():
    execution = flow_of(asks).start_execution(auto_close=False)
    with pytest.raises(NotJSON):
        execution.continue_with("q", 1, actor=object())
    assert execution.is_waiting()


def test_why_it_is_cancelled_is_json():
    execution = flow_of(asks).start_execution(auto_close=False)
    with pytest.raises(NotJSON):
        execution.cancel(object())
    assert execution.is_waiting()


@pytest.mark.parametrize("limit", [0, -1, True, 1.5])
def test_an_execution_runs_at_least_one_chunk_at_once(limit):
    with pytest.raises(ValueError, match="whole number from 1"):
        flow_of(asks).create_execution(concurrency=limit)


@pytest.mark.parametrize("damaged", [[], None, {}, {"format": 1}, {"format": 1, "flow": "f"}])
def test_what_is_no_snapshot_is_refused(damaged):
    with pytest.raises(SnapshotMismatch):
        flow_of(asks).create_execution().load(damaged)
