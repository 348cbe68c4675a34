"""An assistant that may use tools: it proposes calls, a person decides each of them, and the flow makes them.

The assistant and its tools are made up; a real one would ask a model and call what it names.
"""

from typing import Any

from flows import TriggerFlow, TriggerFlowRuntimeData

INPUT = {
    "type": "object",
    "required": ["task"],
    "additionalProperties": False,
    "properties": {
        "task": {
            "type": "string",
            "title": "Task",
            "minLength": 1,
            "maxLength": 500,
            "default": "Tell Meridian Foods that the refund is on its way, and close their ticket.",
            "x-ui": {"widget": "textarea"},
        }
    },
}
MAIL = {
    "type": "object",
    "required": ["to", "subject", "text"],
    "additionalProperties": False,
    "properties": {
        "to": {"type": "string", "title": "To", "format": "email"},
        "subject": {"type": "string", "title": "Subject", "minLength": 1, "maxLength": 120},
        "text": {"type": "string", "title": "Text", "minLength": 1, "x-ui": {"widget": "textarea"}},
    },
}
CREDIT = {
    "type": "object",
    "required": ["amount"],
    "additionalProperties": False,
    "properties": {
        "customer": {"type": "string", "title": "Customer"},
        "amount": {"type": "number", "title": "Amount in €", "minimum": 1, "maximum": 200},
    },
}
TEXT = """Dear Ms Okafor,

we have paid €1,240.00 back to you today. It should arrive within two working days.

Kind regards
"""

flow = TriggerFlow(name="assistant")


def propose_calls(data: TriggerFlowRuntimeData) -> Any:
    """Asks once, and runs again with what was decided."""
    if data.resume is None:
        return data.pause_for(type="approval", payload=question(data.input["task"]), resume_to="self")
    answer = data.resume.value
    return answer["data"]["calls"] if answer["approved"] else []


def run_tools(data: TriggerFlowRuntimeData) -> dict[str, Any]:
    agreed = [call for call in data.input if call["decision"] != "reject"]
    outcome = {"ran": [{"name": call["name"], "args": call["args"]} for call in agreed]}
    data.set_state("outcome", outcome)
    data.set_result(outcome)
    return outcome


def question(task: str) -> dict[str, Any]:
    """The payload that the reviewer sees."""
    return {
        "title": "The assistant wants to use 3 tools",
        "question": task,
        "consequence": {
            "approve": "What you approve below runs at once, as it stands or as you edit it.",
            "reject": "Nothing runs, and the assistant stops.",
        },
        "proposed": [
            {
                "id": "mail",
                "name": "send_mail",
                "description": "Tells the customer. It cannot be taken back.",
                "args": {"to": "ada.okafor@example.com", "subject": "Your refund", "text": TEXT},
                "args_schema": MAIL,
            },
            {
                "id": "credit",
                "name": "grant_credit",
                "description": "A credit as an apology, on top of the refund.",
                "args": {"customer": "Meridian Foods", "amount": 150},
                "args_schema": CREDIT,
            },
            {
                "id": "close",
                "name": "close_ticket",
                "args": {"ticket": 4411, "resolution": "refunded"},
                "allowed": ["approve", "reject"],
            },
        ],
    }


flow.to(propose_calls).to(run_tools)
