"""What a chunk sees, and that what it does takes effect in one piece."""

import asyncio
from dataclasses import dataclass
from typing import Literal

import pytest

from flows import TriggerFlow
from flows.engine import DuplicateInterrupt, NotJSON, StateError


def one(function, name="one"):
    flow = TriggerFlow(name="one")
    flow.to(flow.chunk(name)(function))
    return flow


def test_a_chunk_that_raises_leaves_nothing_behind():
    def chunk(data):
        data.set_state("a", 1)
        data.emit("E", 1)
        data.set_result(1)
        data.pause_for(interrupt_id="q")
        raise LookupError("no")

    flow = one(chunk)
    flow.when("E").to(flow.chunk("never")(lambda data: data.set_state("emitted", 1)))
    execution = flow.create_execution(auto_close=False)
    with pytest.raises(LookupError, match="no"):
        execution.start()
    assert execution.status == "failed"
    assert execution.get_pending_interrupts() == {}
    assert execution.close() == {}


def test_a_chunk_sees_its_own_writes_and_others_only_what_was_committed():
    def chunk(data):
        data.set_state("order.total", 3)
        data.append_state("order.lines", "x")
        data.state["order.lines.0"] = "y"
        del data.state["order.total"]
        assert data.get_state("order") == {"lines": ["y"]}
        assert "order.total" not in data.state
        assert data.get_state("missing.path", "default") == "default"

    assert one(chunk).start() == {"order": {"lines": ["y"]}}


def test_parallel_appends_add_up():
    async def add(data):
        await asyncio.sleep(0)
        await data.async_append_state("all", data.input)

    flow = TriggerFlow(name="appends")
    flow.for_each().to(add).end_for_each()
    assert sorted(flow.start([1, 2, 3])["all"]) == [1, 2, 3]


def test_values_handed_out_are_copies():
    def chunk(data):
        data.set_state("list", [1])
        data.get_state("list").append(2)
        data.input.append(3)

    flow = one(chunk)
    flow.to(flow.chunk("sibling")(lambda data: data.set_state("seen", data.input)))
    assert flow.start([0]) == {"list": [1], "seen": [0]}


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda data: data.set_state("a", float("nan")), NotJSON),
        (lambda data: data.set_state("", 1), StateError),
        (lambda data: data.set_state("n.deeper", 1), StateError),
        (lambda data: data.append_state("n", 1), StateError),
        (lambda data: data.emit("", 1), ValueError),
        (lambda data: data.state["missing"], KeyError),
        (lambda data: data.require_resource("mailer"), LookupError),
        (lambda data: data.pause_for(payload={1, 2}), NotJSON),
        (lambda data: data.pause_for(interrupt_id=""), ValueError),
        (lambda data: data.pause_for(policy={"quorum": 2}), ValueError),
        (lambda data: data.pause_for(policy={"users": "leo"}), ValueError),
        (
            lambda data: (data.pause_for(interrupt_id="q"), data.pause_for(interrupt_id="q")),
            DuplicateInterrupt,
        ),
        (lambda data: (1, 2), NotJSON),
    ],
)
def test_bad_input_raises_where_it_was_given(call, error):
    def chunk(data):
        data.set_state("n", 1)
        return call(data)

    with pytest.raises(error):
        one(chunk).start_execution()


def test_a_pause_discards_what_the_chunk_returns_and_each_pause_resumes_by_itself():
    def two(data):
        data.pause_for(interrupt_id="first")
        data.pause_for(interrupt_id="second")
        return object()  # not even JSON: it is discarded

    flow = TriggerFlow(name="two")
    flow.to(two).to(flow.chunk("keep")(lambda data: data.append_state("kept", data.input)))
    execution = flow.start_execution(auto_close=False)
    execution.continue_with("second", 2)
    execution.continue_with("first", 1)
    assert execution.close() == {"kept": [2, 1]}


def test_emit_resolves_the_interrupts_that_wait_on_the_event():
    flow = TriggerFlow(name="emit")
    flow.to(flow.chunk("ask")(lambda data: data.pause_for(resume_event="Go")))
    flow.when("Go").to(flow.chunk("keep")(lambda data: data.append_state("kept", data.input)))
    execution = flow.start_execution(auto_close=False)
    execution.emit("Go", 7)
    assert execution.close() == {"kept": [7]}


@dataclass
class Answer:
    amount: int
    way: Literal["bank", "cash"]
    note: str | None = None


def test_a_dataclass_becomes_the_response_schema():
    execution = one(lambda data: data.pause_for(response_schema=Answer)).start_execution()
    (interrupt,) = execution.get_pending_interrupts().values()
    assert interrupt["response_schema"] == {
        "title": "Answer",
        "type": "object",
        "required": ["amount", "way"],
        "properties": {
            "amount": {"type": "integer"},
            "way": {"enum": ["bank", "cash"]},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        },
    }


def test_generated_ids_are_unguessable_and_distinct():
    flow = TriggerFlow(name="ids")
    flow.for_each().to(flow.chunk("ask")(lambda data: data.pause_for())).end_for_each()
    pending = flow.start_execution(list(range(50))).get_pending_interrupts()
    assert len(pending) == 50
    assert len({key[19:] for key in pending}) == 50


def test_an_error_text_that_json_cannot_carry_is_kept_readable():
    def chunk(data):
        raise ValueError("broken \0 and \ud800 text")

    execution = one(chunk).create_execution()
    with pytest.raises(ValueError, match="broken"):
        execution.start()
    (failure,) = execution.save()["failed"]
    assert failure["message"] == "broken \\x00 and \\ud800 text"
