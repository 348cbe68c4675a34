"""The flows of the golden snapshots. Never change one: add another."""

from flows import TriggerFlow


def ask(data):
    return data.pause_for(interrupt_id=f"ask {data.input}", payload={"about": data.input})


def keep(data):
    data.append_state("kept", data.input)


def sequence():
    flow = TriggerFlow(name="sequence")
    flow.to(ask).to(keep).to(flow.chunk("end")(lambda data: data.set_result("done")))
    return flow, "a"


def branches():
    flow = TriggerFlow(name="branches")
    names = [flow.chunk(n)(lambda data, n=n: data.pause_for(interrupt_id=n, resume_to="next")) for n in "ab"]
    flow.batch(*names, concurrency=1).to(keep)
    flow.to(flow.chunk("other")(lambda data: data.set_state("other", "done")))
    return flow, None


def gate(data):
    if data.is_resume:
        return [data.input, data.resume.value, data.resume.interrupt["payload"]]
    return data.pause_for(interrupt_id="gate", payload={"why": "because"}, resume_to="self")


def again():
    flow = TriggerFlow(name="again")
    flow.to(gate).to(keep)
    return flow, {"amount": 3}


def loops():
    flow = TriggerFlow(name="loops")
    flow.for_each(2).for_each().to(ask).end_for_each().end_for_each().to(keep)
    return flow, [[1, 2], [3], []]


def events():
    flow = TriggerFlow(name="events")
    flow.to(flow.chunk("asks")(lambda data: data.pause_for(interrupt_id="q", resume_event="Paid")))
    flow.when(["Paid", "Sent"]).to(keep)
    flow.to(flow.chunk("sends")(lambda data: data.emit("Sent", "by post")))
    for name in "xy":
        asks = flow.chunk(name)(lambda data, n=name: data.pause_for(interrupt_id=n))
        both = flow.to(asks).collect("both", name)
    both.to(keep)
    return flow, None


def nested():
    child = TriggerFlow(name="child")
    child.to(ask).to(child.chunk("finish")(lambda data: data.set_result({"said": data.input})))
    flow = TriggerFlow(name="nested")
    flow.for_each().to(child).end_for_each().to(keep)
    return flow, ["m", "n"]


def failing():
    flow = TriggerFlow(name="failing")

    @flow.chunk
    def fragile(data):
        if data.attempt == 1:
            raise OSError("down")
        return data.attempt

    flow.to(fragile).to(keep)
    flow.to(ask).to(keep)
    return flow, "f"


def away():
    """A chunk that is away beside a question, and one behind it."""
    flow = TriggerFlow(name="away")
    heavy = flow.chunk("heavy", run_on="celery", retries=1)(lambda data: {"heavy": data.attempt})
    flow.to(heavy).to(keep)
    flow.to(ask).to(keep)
    return flow, "w"


def everything():
    """Timers, policies and forms, state by dotted paths, and chunks away in a loop of a sub flow."""
    child = TriggerFlow(name="weighing")
    child.to(child.chunk("weigh", run_on="celery")(lambda data: data.set_result(data.input * 2)))
    flow = TriggerFlow(name="everything")

    @flow.chunk
    def prepare(data):
        data.set_state("order.lines", [{"id": 1}])
        data.set_state("order.customer.name", "Ann")
        data.append_state("order.lines", {"id": 2})
        return data.input

    @flow.chunk
    def sign(data):
        return data.pause_for(
            type="approval",
            interrupt_id="sign",
            payload={"facts": [{"label": "Amount", "value": 5}]},
            response_schema={"type": "object", "properties": {"amount": {"type": "integer"}}},
            initial={"amount": 5},
            policy={"groups": ["Finance"], "exclude_requester": True},
            due_in=60,
            remind_after=[30],
            expires_in=3600,
            on_expire={"approved": False},
            priority="high",
            undo_seconds=5,
            max_resumes=2,
            resume_to="self",
        ) if not data.is_resume else data.resume.value  # fmt: skip

    flow.to(prepare).to(sign).to(keep)
    flow.for_each().to(child).end_for_each().to(flow.chunk("keep weights")(keep))
    return flow, [1, 2]


FLOWS = {
    build.__name__: build
    for build in (sequence, branches, again, loops, events, nested, failing, away, everything)
}
