"""Flows that ask again, and flows whose next step is known or not."""

from flows import TriggerFlow, register

rounds = TriggerFlow(name="rounds")
plain_next = TriggerFlow(name="plain_next")
forked_next = TriggerFlow(name="forked_next")


def ask_again(data):
    """Asks for more each time until somebody approves."""
    asked = data.get_state("asked") or 0
    if data.is_resume and data.resume.value["approved"]:
        return asked
    data.set_state("asked", asked + 10)
    return data.pause_for(
        type="approval", payload={"title": f"Pay {asked + 10}", "amount": asked + 10}, resume_to="self"
    )


def ask_once(data):
    return data.pause_for(type="approval", payload={"title": "Once"})


def pay_out(data):
    return data.input


def is_approved(data):
    return data.input["approved"]


rounds.to(ask_again).to(pay_out)
plain_next.to(ask_once).to(pay_out)
forked_next.to(ask_once).if_condition(is_approved).to(pay_out).end_condition()

for flow in (rounds, plain_next, forked_next):
    register(flow)
