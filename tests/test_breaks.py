"""What is broken on purpose fits the code of today, and docs/testing.md lists it."""

from pathlib import Path

import pytest

from tests.engine import mutate as engine
from tests.store import mutate as store

ROOT = Path(__file__).parents[1]
LISTED = (ROOT / "docs/testing.md").read_text()


@pytest.mark.parametrize("change", store.BREAKS, ids=lambda change: change.what)
def test_each_break_of_the_durable_runtime_fits(change):
    assert change.old in (ROOT / "flows" / change.file).read_text()
    assert change.what.removeprefix("orders: ") in LISTED


@pytest.mark.parametrize("change", engine.BREAKS, ids=lambda change: change.what)
def test_each_break_of_the_engine_fits(change):
    assert change.old in (ROOT / "flows/engine" / f"{change.file}.py").read_text()
    assert change.what in LISTED
