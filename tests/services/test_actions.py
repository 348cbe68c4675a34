"""What the payload's own actions demand of an answer."""

import pytest

from flows.models import Interrupt
from flows.services import errors, interrupts
from flows.services.actions import actions_of
from tests.durable import ask, reload, work

pytestmark = pytest.mark.django_db(transaction=True)
ACTIONS = [
    {"id": "approve", "label": "Pay", "reason": "none"},
    {"id": "later", "label": "Not now", "approved": False},
    {
        "id": "reject",
        "label": "Refuse",
        "style": "danger",
        "reason": "required",
        "reasons": ["Twice", "Late"],
    },
]


def problems(interrupt, answer):
    with pytest.raises(errors.InvalidAnswer) as refusal:
        interrupts.decide(interrupt_id=interrupt.pk, answer=answer)
    return [(problem.path, problem.message) for problem in refusal.value.problems]


@pytest.mark.parametrize("comment", [None, "", "  \n"])
def test_a_reason_that_is_required_cannot_be_left_out_at_any_door(comment):
    interrupt = ask(payload={"actions": ACTIONS})
    refusal = {"approved": False, "action": "reject", "comment": comment}
    assert problems(interrupt, refusal) == [(("comment",), "“Refuse” needs a reason.")]
    interrupts.decide(interrupt_id=interrupt.pk, answer={**refusal, "comment": "Twice"})
    work()
    assert reload(interrupt.execution).result["comment"] == "Twice"


def test_other_actions_take_none():
    interrupt = ask(payload={"actions": ACTIONS})
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": False, "action": "later"})


def test_an_action_says_whether_it_approves():
    interrupt = ask(payload={"actions": ACTIONS})
    assert problems(interrupt, {"approved": True, "action": "later"})[0][0] == ("action",)
    assert problems(interrupt, {"approved": False, "action": "approve"})[0][0] == ("action",)


def test_of_several_that_could_be_meant_one_must_be_named():
    interrupt = ask(payload={"actions": ACTIONS})
    assert problems(interrupt, {"approved": False}) == [(("action",), "Say which: later, reject.")]
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True})
    work()
    assert reload(interrupt.execution).result["action"] == "approve"


@pytest.mark.parametrize(
    "actions",
    [None, "x", [], [5, {"id": 5}, {"id": ""}], {"id": "a"}],
)
def test_without_actions_that_can_be_understood_there_are_approve_and_reject(actions):
    interrupt = Interrupt(type="approval", payload={"actions": actions})
    assert [action.id for action in actions_of(interrupt)] == ["reject", "approve"]


def test_odd_parts_of_an_action_are_left_out():
    odd = {"id": "a", "label": 5, "style": [], "reason": {}, "reasons": [1, " ok ", "ok"], "approved": "yes"}
    (action,) = actions_of(Interrupt(type="approval", payload={"actions": [odd, odd]}))
    assert (action.label, action.style, action.reason, action.reasons) == ("A", "", "optional", ("ok",))
    assert action.approved is True
