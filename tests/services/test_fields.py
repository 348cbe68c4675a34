"""The values of payloads that a flow declares."""

import pytest

from flows import TriggerFlow, register, registry

BAD = [("", "x"), ("a.b.c", "x"), ("facts.", "x"), (".a", "x"), ("a", ("A", "zebra"))]


def nothing(data) -> None:
    pass


@pytest.fixture
def flow():
    flow = TriggerFlow(name="with_fields")
    flow.to(nothing)
    yield flow
    registry._registrations.pop("with_fields", None)


def test_fields_keep_their_order_and_kinds(flow) -> None:
    amount = "facts.Amount in e.g. €"
    register(flow, fields={amount: ("Amount", "number"), "order.region": "Region", "team": "Team"})
    fields = registry.get("with_fields").fields
    assert [(f.names, f.label, f.kind) for f in fields] == [
        (("facts", "Amount in e.g. €"), "Amount", "number"),
        (("order", "region"), "Region", "text"),
        (("team",), "Team", "text"),
    ]


@pytest.mark.parametrize("path, said", BAD)
def test_a_field_that_makes_no_sense_is_refused(flow, path, said) -> None:
    with pytest.raises(ValueError, match="A field is"):
        register(flow, fields={path: said})
