"""docs/engine.md: every example runs, and every public name is in it and says what it does."""

import re
from pathlib import Path

import pytest

from flows import TriggerFlow, TriggerFlowRuntimeData
from flows.engine import Execution
from flows.engine.builder import Chain

PAGE = (Path(__file__).parents[2] / "docs" / "engine.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: re.search(r'name="(\w+)"|$', text).group(1))
def test_the_example_runs(example):
    exec(compile(example, "docs/engine.md", "exec"), {"__name__": "example"})


def public():
    for owner in (TriggerFlow, Chain, TriggerFlowRuntimeData, Execution):
        for name in vars(owner):
            if not name.startswith("_") or name == "____":
                yield owner, name.removeprefix("async_")


@pytest.mark.parametrize(("owner", "name"), sorted(set(public()), key=str))
def test_every_public_name_is_explained_and_shown(owner, name):
    forms = [getattr(owner, form, None) for form in (name, f"async_{name}")]
    assert any(getattr(form, "__doc__", None) for form in forms)
    assert re.search(rf"\b{name}\b", PAGE)
