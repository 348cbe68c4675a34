"""docs/testing.md names, for each promise of the durable runtime, the file that breaks what it is against."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROMISES = [*range(1, 13), 15, 16, *range(18, 23)]
ROW = re.compile(r"^\| (\d+) \| .+ \| `(tests/.+\.py)` \| .+ \|$", re.MULTILINE)
INDEX = {int(number): ROOT / file for number, file in ROW.findall((ROOT / "docs/testing.md").read_text())}


def test_every_promise_has_its_file():
    assert sorted(INDEX) == PROMISES
    assert len(set(INDEX.values())) == len(INDEX)


@pytest.mark.parametrize("number", INDEX)
def test_the_file_begins_with_its_number_and_has_tests(number):
    module = ast.parse(INDEX[number].read_text())
    assert ast.get_docstring(module).startswith(f"{number}. ")
    assert any(isinstance(node, ast.FunctionDef) and node.name.startswith("test_") for node in module.body)
