"""An address that no carrier knows: whoever looks after the customer types the right one."""

from typing import Any

from flows import Fields, TriggerFlow, TriggerFlowRuntimeData

INPUT = {
    "type": "object",
    "required": ["customer", "address"],
    "additionalProperties": False,
    "properties": {
        "customer": {"type": "string", "title": "Customer", "minLength": 1, "maxLength": 120},
        "address": {"type": "string", "title": "Address as given", "minLength": 1, "maxLength": 300},
        "keeper": {
            "type": "string",
            "title": "Username of who looks after the customer",
            "description": "Empty: anybody in Support.",
            "maxLength": 150,
        },
    },
}

FIELDS: Fields = {"facts.Customer": "Customer"}

flow = TriggerFlow(name="address_check")


def ask_for_the_address(data: TriggerFlowRuntimeData) -> Any:
    given = data.input
    keeper = given.get("keeper")
    return data.pause_for(
        type="human_input",
        policy={"users": [keeper]} if keeper else {"groups": ["Support"]},
        payload={
            "title": f"Where does {given['customer']} live?",
            "question": "No carrier knows this address. What is the right one?",
            "facts": [
                {"label": "Customer", "value": given["customer"]},
                {"label": "Address as given", "value": given["address"]},
            ],
        },
        response_schema={"type": "string", "minLength": 5, "maxLength": 300},
    )


def keep_address(data: TriggerFlowRuntimeData) -> str:
    address: str = data.input
    data.set_result({"address": address})
    return address


flow.to(ask_for_the_address).to(keep_address)
