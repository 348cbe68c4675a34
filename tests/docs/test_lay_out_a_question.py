"""The examples of docs/how-to/lay-out-a-question.md do what it says, through a real worker."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from flows.models import Execution
from flows.services import interrupts
from flows.services.calls import calls_of
from flows.web.blocks import blocks_of
from tests.durable import ask, work

TEXT = (Path(__file__).resolve().parents[2] / "docs/how-to/lay-out-a-question.md").read_text()
PYTHON = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
EXAMPLES = [
    found
    for text in re.findall(r"^```json\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    if "payload" in (found := json.loads(text))
]


def made(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(text, names)
    return names


def test_every_block_is_read() -> None:
    blocks = blocks_of(made(PYTHON[0])["blocks"])
    assert len(blocks) == 8
    assert [block.note for block in blocks] == [""] * 8


def test_the_proposed_call_is_understood() -> None:
    (call,) = calls_of(made(PYTHON[1])["payload"])
    assert (call.id, call.name, call.allowed) == ("mail", "send_mail", ("approve", "edit", "reject"))


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_a_request_of_another_tool_is_answered_in_its_shape(
    transactional_db: None, example: dict[str, Any]
) -> None:
    item = ask(type=example["type"], payload=example["payload"])
    interrupts.decide(interrupt_id=item.pk, answer=example["answer"])
    work()
    assert Execution.objects.get(pk=item.execution_id).result == example["value"]


def test_all_five_formats_are_there() -> None:
    assert len(EXAMPLES) == 5
