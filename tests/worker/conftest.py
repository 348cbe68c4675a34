import pytest

from tests.durable import Processes


@pytest.fixture
def processes(transactional_db, tmp_path):
    processes = Processes(tmp_path / "workers.log")
    yield processes
    print(processes.output())
    processes.stop()
