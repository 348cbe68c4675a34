import pytest
from jsonschema import Draft202012Validator

from flows.examples import refund


def start(amount, **more):
    request = {"customer": "Meridian", "amount": amount, "reason": "Billed twice", **more}
    return refund.flow.start_execution(request, auto_close=False)


def answer(execution, **value):
    (key,) = execution.get_pending_interrupts()
    execution.continue_with(key, value)
    return execution.close()["$final_result"]


def test_a_small_refund_passes_by_itself():
    outcome = start(50).close()["$final_result"]
    assert outcome == {"approved": True, "paid": 50, "comment": "Up to €50.00: no person needed."}


def test_a_larger_one_asks_with_the_facts_and_the_note():
    (interrupt,) = start(1240, note="**Called** twice.").get_pending_interrupts().values()
    assert interrupt["type"] == "approval"
    assert interrupt["payload"]["title"] == "Refund €1,240.00 to Meridian"
    assert interrupt["payload"]["body"] == "**Called** twice."
    assert interrupt["initial"] == {"amount": 1240}


def test_the_reviewer_may_lower_the_amount_and_not_raise_it():
    execution = start(1240)
    (interrupt,) = execution.get_pending_interrupts().values()
    accepts = Draft202012Validator(interrupt["response_schema"]).is_valid
    assert accepts({"amount": 1000})
    assert not accepts({"amount": 1240.01})
    outcome = answer(execution, approved=True, action="approve", comment=None, data={"amount": 1000})
    assert outcome == {"approved": True, "paid": 1000, "comment": None}


def test_a_rejected_refund_pays_nothing():
    outcome = answer(start(60), approved=False, action="reject", comment="Twice paid", data={})
    assert outcome == {"approved": False, "paid": 0, "comment": "Twice paid"}


@pytest.mark.parametrize("wrong", [{}, {"customer": "x", "amount": 0, "reason": "Billed twice"}])
def test_its_input_schema_refuses_what_it_cannot_use(wrong):
    assert not Draft202012Validator(refund.INPUT).is_valid(wrong)
