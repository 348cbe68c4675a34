"""A purchase: the team that pays for it says yes or no, sooner the more urgent it is."""

from datetime import timedelta
from typing import Any

from flows import Fields, TriggerFlow, TriggerFlowRuntimeData

TEAMS = ["Finance", "Legal", "Operations", "Support", "Marketing"]
DAYS = {"low": 14, "normal": 5, "high": 2, "urgent": 1}

INPUT = {
    "type": "object",
    "required": ["item", "supplier", "amount", "team"],
    "additionalProperties": False,
    "properties": {
        "item": {"type": "string", "title": "What", "minLength": 1, "maxLength": 120},
        "supplier": {"type": "string", "title": "Supplier", "minLength": 1, "maxLength": 120},
        "amount": {"type": "number", "title": "Amount in €", "minimum": 0.01, "maximum": 1_000_000},
        "team": {"title": "Team that pays", "enum": TEAMS},
        "urgency": {"title": "Urgency", "enum": list(DAYS), "default": "normal"},
    },
}

FIELDS: Fields = {
    "facts.Supplier": "Supplier",
    "facts.Amount": ("Amount", "number"),
    "team": "Team",
}

flow = TriggerFlow(name="purchase")


def ask_the_team(data: TriggerFlowRuntimeData) -> Any:
    wish = data.input
    urgency = wish.get("urgency", "normal")
    return data.pause_for(
        type="approval",
        policy={"groups": [wish["team"]]},
        priority=urgency,
        due_in=timedelta(days=DAYS[urgency]),
        payload={
            "title": f"Buy {wish['item']} from {wish['supplier']}",
            "summary": f"Approving orders it, and {wish['team']} pays.",
            "facts": [
                {"label": "Supplier", "value": wish["supplier"]},
                {"label": "Amount", "value": wish["amount"], "kind": "money"},
            ],
            "team": wish["team"],
        },
    )


def order(data: TriggerFlowRuntimeData) -> dict[str, Any]:
    answer = data.input
    outcome = {"ordered": answer["approved"], "comment": answer["comment"]}
    data.set_result(outcome)
    return outcome


flow.to(ask_the_team).to(order)
