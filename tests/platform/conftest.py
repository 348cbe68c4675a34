import shutil
import uuid

import pytest
from django.conf import settings

from tests.platform.clients import Client, postmaster


@pytest.fixture(scope="module")
def folder():
    """A folder that PostgreSQL's account can enter, which pytest's own, made by root, are not."""
    path = settings.VAR_DIR / "platform" / uuid.uuid4().hex[:8]
    path.mkdir(parents=True)
    yield path
    running = postmaster(path)
    if running:
        running.terminate()
        running.wait(20)
    shutil.rmtree(path)


@pytest.fixture
def join(folder):
    """Start one more client of the server in `folder`; all are gone afterwards."""
    clients = []

    def start(base=folder) -> Client:
        clients.append(Client(base))
        return clients[-1]

    yield start
    for client in clients:
        if client.process.poll() is None:
            client.leave()
