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


FLOWS = {build.__name__: build for build in (sequence, branches, again, loops, events, nested, failing)}
