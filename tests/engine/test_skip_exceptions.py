from flows import TriggerFlow


def keep(data):
    data.append_state("kept", data.input)


def fails_on_two(data):
    if data.input == 2:
        raise ValueError("two")
    return data.input


def test_a_chunk_that_raises_ends_its_branch_and_the_loop_goes_on(caplog):
    flow = TriggerFlow(name="skips")
    flow.for_each().to(fails_on_two).to(flow.chunk("ten")(lambda data: data.input * 10)).end_for_each().to(
        keep
    )
    execution = flow.start_execution([1, 2, 3], auto_close=False, skip_exceptions=True)
    assert execution.close() == {"kept": [[10, None, 30]]}
    assert "raised, and the flow goes on" in caplog.text


def test_outside_of_joins_and_in_sub_flows_the_chain_just_ends():
    child = TriggerFlow(name="child")
    child.to(fails_on_two).to(child.chunk("finish")(lambda data: data.set_result("finished")))
    flow = TriggerFlow(name="skips")
    flow.to(child).to(keep)
    flow.to(fails_on_two).to(flow.chunk("never")(keep))
    execution = flow.create_execution(auto_close=False, skip_exceptions=True)
    execution.start(2)
    assert execution.status == "running"
    assert execution.close() == {"kept": [{}]}


def test_the_wish_survives_loading_and_is_not_saved():
    flow = TriggerFlow(name="skips")
    flow.to(flow.chunk("ask")(lambda data: data.pause_for(interrupt_id="q"))).to(fails_on_two)
    saved = flow.start_execution(auto_close=False).save()
    execution = flow.create_execution(auto_close=False, skip_exceptions=True).load(saved)
    execution.continue_with("q", 2)
    assert execution.status == "running"
