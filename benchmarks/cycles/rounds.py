"""One round of one contender: its processes, a warm-up, and what is measured."""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psutil
import psycopg

from benchmarks.cycles import meters
from benchmarks.cycles.contenders import Contender
from benchmarks.cycles.figures import Round
from benchmarks.cycles.meters import Server
from benchmarks.cycles.venv import ROOT

PATIENCE_SECONDS = 300
GRACE_SECONDS = 15


@dataclass
class Processes:
    """The living processes of a contender."""

    starters: list[subprocess.Popen[str]]
    answerers: list[subprocess.Popen[str]]
    workers: list[subprocess.Popen[str]]

    @property
    def clients(self) -> list[subprocess.Popen[str]]:
        return self.starters + self.answerers


def run_round(contender: Contender, server: Server, cycles: int, pairs: int) -> Round:
    """Measure `cycles` cycles, after a tenth as many to warm up; the processes end with the round."""
    warm_up = max(pairs, cycles // 10 // pairs * pairs)
    cycles = cycles // pairs * pairs
    server.checkpoint()
    transactions = server.transactions(contender.database)
    with processes(contender, server, pairs) as running:
        drive(contender, server, running, warm_up)
        before = _readings(server, running)
        seconds = drive(contender, server, running, cycles)
        used = [after - then for after, then in zip(_readings(server, running), before, strict=True)]
    transactions = server.transactions(contender.database) - transactions
    clients, workers, database, wal = (value / cycles for value in used)
    return Round(
        per_second=cycles / seconds,
        client_cpu_ms=clients * 1000,
        worker_cpu_ms=workers * 1000,
        server_cpu_ms=database * 1000,
        transactions=transactions / (cycles + warm_up),
        wal_bytes=wal,
    )


def _readings(server: Server, running: Processes) -> tuple[float, float, float, float]:
    clients, workers = (
        meters.cpu_seconds([psutil.Process(p.pid) for p in group])
        for group in (running.clients, running.workers)
    )
    return clients, workers, server.cpu_seconds(), server.wal_bytes()


def drive(contender: Contender, server: Server, running: Processes, cycles: int) -> float:
    """Let the pairs do `cycles` together; the seconds until the last one has ended."""
    each = cycles // len(running.starters)
    with psycopg.connect(server.dsn(contender.database), autocommit=True) as connection:
        wanted = _finished(connection, contender) + cycles
        began = time.monotonic()
        for client in running.clients:
            assert client.stdin is not None
            client.stdin.write(f"{each}\n")
            client.stdin.flush()
        for client in running.clients:
            _expect(client, "done")
        while contender.finished and _finished(connection, contender) < wanted:
            assert time.monotonic() - began < PATIENCE_SECONDS, f"{contender.name} does not come to an end"
            time.sleep(0.02)
        return time.monotonic() - began


def _finished(connection: psycopg.Connection, contender: Contender) -> int:
    if contender.finished is None:
        return 0
    row = connection.execute(contender.finished).fetchone()  # type: ignore[call-overload]
    assert row is not None
    return int(row[0])


def _expect(client: subprocess.Popen[str], word: str) -> None:
    assert client.stdout is not None
    while (line := client.stdout.readline()).strip() != word:
        if not line:
            raise RuntimeError(f"{client.args} ended with {client.wait()}.")


def prepare(contender: Contender, server: Server) -> None:
    """Make the contender's database, with its tables in it."""
    server.create(contender.database)
    environment = _environment(contender, server)
    subprocess.run(contender.command("prepare"), cwd=ROOT, env=environment, check=True)


@contextmanager
def processes(contender: Contender, server: Server, pairs: int) -> Iterator[Processes]:
    """All processes of a contender, ready for work; they are gone afterwards."""
    environment = _environment(contender, server)
    with ExitStack() as stack:
        workers = [stack.enter_context(_started(command, environment)) for command in contender.workers]
        starters, answerers = [], []
        for _ in range(pairs):
            reading, writing = os.pipe()
            answer, start = contender.command("answer"), contender.command("start")
            answerers.append(stack.enter_context(_started(answer, environment, handover=reading)))
            starters.append(stack.enter_context(_started(start, environment, handover=writing)))
        running = Processes(starters, answerers, workers)
        for client in running.clients:
            _expect(client, "ready")
        yield running


@contextmanager
def _started(
    command: Sequence[str], environment: dict[str, str], handover: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A process that ends when its input does, or on SIGTERM; `handover` is closed here and kept there."""
    kept = () if handover is None else (handover,)
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment | {"HANDOVER": str(handover)},
        pass_fds=kept,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    for descriptor in kept:
        os.close(descriptor)
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    if "flows_worker" in process.args:  # type: ignore[operator]
        process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _environment(contender: Contender, server: Server) -> dict[str, str]:
    return os.environ | {"DSN": server.dsn(contender.database), **contender.environment}
