"""Whoever comes from the reference implementation finds the names and defaults that ENGINE.md lists."""

import inspect

import pytest

from flows import TriggerFlow, TriggerFlowRuntimeData
from flows.engine import Execution

DEFAULTS = {
    (TriggerFlow, "create_execution"): {
        "auto_close": True,
        "auto_close_timeout": 10.0,
        "concurrency": None,
        "runtime_resources": None,
        "skip_exceptions": False,
    },
    (TriggerFlow, "batch"): {"concurrency": None},
    (TriggerFlow, "for_each"): {"concurrency": None},
    (TriggerFlow, "match"): {"mode": "hit_first"},
    (TriggerFlow, "when"): {"mode": "and"},
    (TriggerFlow, "set_contract"): {"initial_input": None, "stream": None, "result": None},
    (TriggerFlowRuntimeData, "pause_for"): {
        "type": "pause",
        "payload": None,
        "resume_to": None,
        "resume_event": None,
        "interrupt_id": None,
        "response_schema": None,
        "initial": None,
        "policy": None,
    },
    (Execution, "async_continue_with"): {"value": None, "resume_request_id": None, "actor": None},
    (Execution, "async_close"): {"reason": None, "pending_interrupts": "error"},
}
BOTH_FORMS = {
    TriggerFlow: "start start_execution",
    Execution: "start continue_with emit retry cancel close get_result get_runtime_stream",
    TriggerFlowRuntimeData: "get_state set_state append_state del_state emit set_result pause_for "
    "put_into_stream",
}


@pytest.mark.parametrize(("owner", "name"), DEFAULTS)
def test_the_defaults_are_those_of_the_specification(owner, name):
    parameters = inspect.signature(getattr(owner, name)).parameters
    wanted = DEFAULTS[owner, name]
    assert {key: parameters[key].default for key in wanted} == wanted


@pytest.mark.parametrize(("owner", "names"), BOTH_FORMS.items())
def test_every_call_has_a_plain_and_an_async_form(owner, names):
    for name in names.split():
        assert callable(getattr(owner, name))
        form = getattr(owner, f"async_{name}")
        assert inspect.iscoroutinefunction(form) or inspect.isasyncgenfunction(form)
