"""A Redis and Celery workers of the test's own. None is left behind."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connections

from tests.durable import until
from tests.flows_on_celery import flows  # noqa: F401, registers them in this process

REDIS = shutil.which("redis-server")


class Broker:
    """A redis-server on a port of its own, to be taken down and brought back."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        with (self._folder / "redis.log").open("a") as log:
            self._process = subprocess.Popen([REDIS, *options], stdout=log, stderr=log)
        until(self._answers)

    def stop(self) -> None:
        """kill -9: what was queued is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def forget(self) -> None:
        """Lose whatever is queued."""
        with redis.Redis(port=self.port) as client:
            client.flushall()

    def length(self) -> int:
        with redis.Redis(port=self.port) as client:
            return client.llen("celery")

    def _answers(self) -> bool:
        try:
            with redis.Redis(port=self.port) as client:
                return client.ping()
        except redis.ConnectionError:
            return False


class Fleet:
    """Celery workers on the test database, each in a process group of its own."""

    def __init__(self, log: Path) -> None:
        self._path, self._log = log, log.open("w")
        self.workers: list[subprocess.Popen] = []

    def worker(self, *options: str, **extra: str) -> subprocess.Popen:
        """`extra` goes into its environment."""
        command = [sys.executable, "-m", "celery", "-A", "tests.flows_on_celery.fleet", "worker"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO"]
        environment = os.environ | {
            "APPROVALS_TEST_FLEET": "1",
            "DJANGO_SETTINGS_MODULE": "approvals_site.settings_test",
            "APPROVALS_DB_NAME": connections["default"].settings_dict["NAME"],
        }
        worker = subprocess.Popen(
            [*command, *quiet, "-n", f"w{len(self.workers)}@%h", *(options or ("--pool", "solo"))],
            cwd=settings.BASE_DIR,
            env=environment | extra,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        self.workers.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen) -> None:
        """kill -9, with its children."""
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def output(self) -> str:
        return self._path.read_text()

    def stop(self) -> None:
        for worker in self.workers:
            self.kill(worker)
        self._log.close()


@pytest.fixture(scope="module")
def _redis(tmp_path_factory):
    if REDIS is None and not (os.environ.get("REQUIRE_BROWSER") == "1" or os.environ.get("CI")):
        pytest.skip("Redis is not installed (on Debian: apt install redis-server)")
    broker = Broker(tmp_path_factory.mktemp("redis"))
    yield broker
    broker.stop()


@pytest.fixture
def broker(_redis: Broker, monkeypatch) -> Broker:
    """Running, and empty."""
    monkeypatch.setenv("CELERY_BROKER_URL", _redis.url)
    monkeypatch.setenv("APPROVALS_TEST_FLEET", "1")
    if not _redis._process:
        _redis.start()
    _redis.forget()
    return _redis


@pytest.fixture
def fleet(broker: Broker, transactional_db, tmp_path):
    """Celery workers that the test starts, and ends as it likes."""
    fleet = Fleet(tmp_path / "celery.log")
    yield fleet
    fleet.stop()
    print(fleet.output())


@pytest.fixture(scope="module")
def _shared(_redis: Broker, django_db_setup, tmp_path_factory):
    _redis.start()
    fleet = Fleet(tmp_path_factory.mktemp("celery") / "log")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELERY_BROKER_URL", _redis.url)
        fleet.worker("--pool", "prefork", "--concurrency", "2")
    yield fleet
    fleet.stop()
    print(fleet.output())


@pytest.fixture
def celery_worker(_shared: Fleet, broker: Broker, transactional_db) -> subprocess.Popen:
    """One Celery worker with two processes, for all tests of the module."""
    return _shared.workers[0]


class Lingering:
    """The input of the flow "heavy lingers", and what its chunk says and is told."""

    def __init__(self, folder: Path) -> None:
        self._diary, self._pipe = folder / "diary", folder / "pipe"
        os.mkfifo(self._pipe)
        self.input = {"diary": str(self._diary), "pipe": str(self._pipe), "linger": [1]}
        self.input["says when cancelled"] = False

    def hear(self) -> str:
        """Wait for what a lingering attempt says."""
        return self._pipe.read_text()

    def let_go(self, attempt: int = 1) -> None:
        self._pipe.with_name(f"open {attempt}").touch()

    def runs(self) -> list[list[str]]:
        """[attempt, idempotency key] of each run so far."""
        return [line.split() for line in self._diary.read_text().splitlines()]


@pytest.fixture
def lingering(tmp_path) -> Lingering:
    return Lingering(tmp_path)
