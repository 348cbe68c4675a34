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
