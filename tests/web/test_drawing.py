"""The drawing of a flow: every step in its place, also at forty."""

import itertools

from flows import TriggerFlow, engine
from flows.web.drawing import HEIGHT, draw


def chunk(flow, name):
    return flow.chunk(name)(lambda data: data.input)


def forty():
    flow = TriggerFlow(name="forty")
    chain = flow.to(chunk(flow, "first")).batch(*[chunk(flow, f"branch {n}") for n in range(6)])
    chain = chain.if_condition(chunk(flow, "is_large")).to(chunk(flow, "large")).for_each()
    chain = chain.to(chunk(flow, "item")).end_for_each().else_condition().end_condition()
    for number in range(26):
        chain = chain.to(chunk(flow, f"step {number}"))
    flow.when("Paid").to(chunk(flow, "ship")).side_branch(chunk(flow, "log")).to(chunk(flow, "end"))
    return flow


def drawing(flow, statuses=None):
    return draw(engine.diagram(flow.definition), statuses or {})


def test_no_two_boxes_touch_and_all_are_inside():
    drawn = drawing(forty())
    assert len(drawn.boxes) == 42
    for box in drawn.boxes:
        assert 0 <= box.x <= box.x + box.width <= drawn.width
        assert 0 <= box.y <= box.y + HEIGHT <= drawn.height
    for one, other in itertools.combinations(drawn.boxes, 2):
        beside = one.x + one.width < other.x or other.x + other.width < one.x
        assert beside or abs(one.y - other.y) > HEIGHT


def test_every_way_leads_down():
    drawn = engine.diagram(forty().definition)
    tops = {node.id: box.y for node, box in zip(drawn.nodes, drawing(forty()).boxes, strict=True)}
    assert all(tops[way.source] < tops[way.target] for way in drawn.ways)


def test_an_if_without_else_shows_the_way_past_it():
    flow = TriggerFlow(name="past")
    flow.if_condition(chunk(flow, "is_large")).to(chunk(flow, "ask")).end_condition().to(chunk(flow, "pay"))
    ways = {(way.source, way.target, way.label) for way in engine.diagram(flow.definition).ways}
    assert ("if", "if.is_large/ask", "is_large") in ways
    assert ("if", "if/pay", "no") in ways
    assert ("if.is_large/ask", "if/pay", "") in ways


def test_what_is_done_waits_or_failed_is_marked():
    flow = TriggerFlow(name="marks")
    flow.to(chunk(flow, "a")).to(chunk(flow, "b"))
    drawn = drawing(flow, {"a": "done", "a/b": "waiting"})
    assert [box.status for box in drawn.boxes[1:]] == ["done", "waiting"]
    assert [line.taken for line in drawn.lines] == [True, True]


def test_mermaid_quotes_what_it_would_read_as_its_own():
    flow = TriggerFlow(name="quotes")
    flow.when("Paid").to(chunk(flow, 'say "hi" [now]; end'))
    assert flow.to_mermaid() == (
        'flowchart TD\n    n0>"Paid"]\n    n1["say #34;hi#34; #91;now#93;#59; end"]\n    n0 --> n1\n'
    )


def test_a_flow_without_steps_is_drawn_as_nothing():
    drawn = drawing(TriggerFlow(name="empty"))
    assert (drawn.boxes, drawn.lines) == ([], [])
