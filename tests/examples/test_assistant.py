from typing import Any

from flows.engine import canonical_json
from flows.examples import assistant
from flows.services.calls import calls_of, decided


def test_only_what_was_agreed_to_runs() -> None:
    execution = assistant.flow.start_execution({"task": "Write"}, auto_close=False)
    ((key, interrupt),) = execution.get_pending_interrupts().items()
    calls = calls_of(canonical_json(interrupt["payload"]))
    given: list[dict[str, Any]] = [
        {"id": "mail", "decision": "approve"},
        {"id": "credit", "decision": "edit", "args": {"customer": "Meridian Foods", "amount": 20}},
        {"id": "close", "decision": "reject"},
    ]
    data = {"calls": decided(calls, given)}
    execution.continue_with(key, {"approved": True, "action": "approve", "comment": None, "data": data})
    ran = execution.close()["$final_result"]["ran"]
    assert [call["name"] for call in ran] == ["send_mail", "grant_credit"]
    assert ran[1]["args"]["amount"] == 20


def test_a_no_runs_nothing() -> None:
    execution = assistant.flow.start_execution({"task": "Write"}, auto_close=False)
    (key,) = execution.get_pending_interrupts()
    execution.continue_with(key, {"approved": False, "action": "reject", "comment": None, "data": {}})
    assert execution.close()["$final_result"] == {"ran": []}
