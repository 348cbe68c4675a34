import pytest

from tests.flows_for_tests import flows
from tests.flows_for_tests.flows import Gate


@pytest.fixture
def gate():
    """Where the chunk "slow" of the flow "beside" waits; open at the end whatever happens."""
    gate = flows.gates["slow"] = Gate()
    yield gate
    gate.open.set()
    flows.gates.clear()


@pytest.fixture(autouse=True)
def _left_intact(left_intact):
    """After every test in here, its workers gone."""
