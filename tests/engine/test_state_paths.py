"""The state stays JSON that comes back equal, whatever paths and values meet in it."""

from datetime import date

import pytest

from flows import TriggerFlow
from flows.engine import NotJSON, StateError

LIKE_A_TAG = {"$date": "no date", "more": 1}


def state_after(*calls):
    flow = TriggerFlow(name="f")
    chunk = flow.chunk("c")(lambda data: [getattr(data, name)(*given) for name, *given in calls] and None)
    flow.to(chunk)
    execution = flow.start_execution(auto_close=False)
    return flow.create_execution(auto_close=False).load(execution.save()).close()


@pytest.mark.parametrize("path", ["$date", "a.$uuid.b", "$object", ".".join("a" * 65)])
def test_a_path_that_could_not_be_kept_is_refused(path):
    with pytest.raises(StateError, match="not a state path"):
        state_after(("set_state", path, "x"))


@pytest.mark.parametrize("path", ["a\0b", "a.\ud800"])
def test_a_path_is_text_that_json_can_carry(path):
    with pytest.raises(NotJSON):
        state_after(("set_state", path, "x"))


def test_nothing_can_be_set_inside_a_date():
    with pytest.raises(StateError, match="inside a date"):
        state_after(("set_state", "a", date(2026, 1, 2)), ("set_state", "a.day", 3))


def test_what_is_under_the_tag_of_a_date_is_not_to_be_seen():
    assert state_after(("set_state", "a", date(2026, 1, 2)), ("del_state", "a.day")) == {
        "a": date(2026, 1, 2)
    }


def test_an_object_that_looks_like_a_tag_can_be_changed_inside():
    calls = [("set_state", "a", LIKE_A_TAG), ("set_state", "a.new", 2), ("append_state", "a.list", 3)]
    assert state_after(*calls, ("del_state", "a.more"))["a"] == {"$date": "no date", "new": 2, "list": [3]}
    assert state_after(*calls[:1], ("del_state", "a.more")) == {"a": {"$date": "no date"}}


def test_a_sub_flow_writes_into_such_an_object_too():
    child = TriggerFlow(name="child")
    child.to(child.chunk("end")(lambda data: data.set_result(data.input)))
    flow = TriggerFlow(name="f")
    keep = flow.chunk("keep")(lambda data: data.set_state("a", LIKE_A_TAG))
    flow.to(keep).to_sub_flow(child, write_back={"state": {"a.more": "result", "b.c": "result"}})
    assert flow.start() == {"a": {"$date": "no date", "more": None}, "b": {"c": None}}
