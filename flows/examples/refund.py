"""A refund: small ones pass by themselves, for the others a person says yes or no, and how much."""

from datetime import timedelta
from typing import Any

from flows import Fields, TriggerFlow, TriggerFlowRuntimeData

PASSES_BY_ITSELF = 50  # up to this amount nobody is asked

INPUT = {
    "type": "object",
    "required": ["customer", "amount", "reason"],
    "additionalProperties": False,
    "properties": {
        "customer": {
            "type": "string",
            "title": "Customer",
            "minLength": 1,
            "maxLength": 120,
            "x-ui": {"placeholder": "Meridian Foods"},
        },
        "amount": {
            "type": "number",
            "title": "Amount in €",
            "minimum": 0.01,
            "maximum": 100_000,
            "description": f"Up to €{PASSES_BY_ITSELF} pass without a person.",
        },
        "reason": {
            "title": "Reason",
            "enum": ["Damaged on arrival", "Never arrived", "Billed twice", "Changed their mind"],
        },
        "note": {
            "type": "string",
            "title": "Note",
            "maxLength": 2000,
            "description": "What the reviewer should know. Markdown is fine.",
            "x-ui": {"widget": "textarea"},
        },
    },
}

FIELDS: Fields = {
    "facts.Customer": "Customer",
    "facts.Amount": ("Amount", "number"),
    "facts.Reason": "Reason",
}

flow = TriggerFlow(name="refund")


def check_request(data: TriggerFlowRuntimeData) -> dict[str, Any]:
    request: dict[str, Any] = data.input
    data.set_state("request", request)
    return request


def is_small(data: TriggerFlowRuntimeData) -> bool:
    return bool(data.input["amount"] <= PASSES_BY_ITSELF)


def approve_by_rule(data: TriggerFlowRuntimeData) -> dict[str, Any]:
    return {"approved": True, "comment": f"Up to {euros(PASSES_BY_ITSELF)}: no person needed.", "data": {}}


def ask_a_person(data: TriggerFlowRuntimeData) -> Any:
    request = data.input
    return data.pause_for(
        type="approval",
        due_in=timedelta(hours=8),
        expires_in=timedelta(days=5),
        on_expire={"approved": False, "comment": "Nobody decided within five days."},
        payload={
            "title": f"Refund {euros(request['amount'])} to {request['customer']}",
            "question": f"Pay {euros(request['amount'])} back to {request['customer']}?",
            "summary": f"Approving pays the amount. Refunds above {euros(PASSES_BY_ITSELF)} need a person.",
            "facts": [
                {"label": "Customer", "value": request["customer"]},
                {"label": "Amount", "value": euros(request["amount"])},
                {"label": "Reason", "value": request["reason"]},
            ],
            **({"body": request["note"]} if request.get("note") else {}),
        },
        response_schema={
            "type": "object",
            "required": ["amount"],
            "properties": {
                "amount": {
                    "type": "number",
                    "title": "Amount to pay in €",
                    "minimum": 0.01,
                    "maximum": request["amount"],
                    "description": "Less than asked is possible, more is not.",
                }
            },
        },
        initial={"amount": request["amount"]},
        resume_to="next",
    )


def settle(data: TriggerFlowRuntimeData) -> dict[str, Any]:
    answer, request = data.input, data.get_state("request")
    paid = answer["data"].get("amount", request["amount"]) if answer["approved"] else 0
    outcome = {"approved": answer["approved"], "paid": paid, "comment": answer["comment"]}
    data.set_state("refund", outcome)
    data.set_result(outcome)
    return outcome


def euros(amount: float) -> str:
    return f"€{amount:,.2f}"


flow.to(check_request).if_condition(is_small).to(approve_by_rule).else_condition().to(
    ask_a_person
).end_condition().to(settle)
