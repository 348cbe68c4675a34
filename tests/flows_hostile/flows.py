"""Flows whose titles, descriptions and steps are called what they had better not be."""

from flows import TriggerFlow, register
from tests.corpus import SHORT


def named(number: int, text: str) -> None:
    flow = TriggerFlow(name=f"hostile_{number}")

    @flow.chunk(text)
    def step(data):
        return data.pause_for(type="approval", payload={"title": text})

    @flow.chunk(text + "!")
    def end(data):
        return data.input

    flow.to(step).to(end)
    schema = {"type": "object", "title": text, "properties": {text: {"title": text, "enum": [text, 5]}}}
    register(flow, title=text, description=text, input_schema=schema, start_groups=[])


for number, text in enumerate(SHORT):
    named(number, text)
