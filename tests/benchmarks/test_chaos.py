"""The benchmark of chaos: a run of a few kills, and that none of it is left however it ends."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from django.conf import settings

from approvals_site.scratch import VAR
from benchmarks.chaos.havoc import until

COMMAND = [sys.executable, "-m", "benchmarks.chaos", "--json"]
AT_MOST = 300


@contextmanager
def chaos(*options: str) -> Iterator[subprocess.Popen]:
    """A run with these options; ended at the end if it has not."""
    pipe = subprocess.PIPE
    run = subprocess.Popen([*COMMAND, *options], cwd=settings.BASE_DIR, stdout=pipe, stderr=pipe, text=True)
    try:
        yield run
    finally:
        run.terminate()
        run.communicate(timeout=AT_MOST)


def folder_of(run: subprocess.Popen) -> Path:
    return VAR / f"chaos-{run.pid}"


def servers_of(run: subprocess.Popen) -> list[psutil.Process]:
    """Its PostgreSQL, which is nobody's child."""
    folder = str(folder_of(run))
    everyone = psutil.process_iter(["cmdline"])
    return [one for one in everyone if any(folder in word for word in one.info["cmdline"] or ())]


def workers_of(run: subprocess.Popen) -> list[psutil.Process]:
    """What it has started, as soon as they are at work."""
    assert until((folder_of(run) / "journal").exists, AT_MOST)
    return psutil.Process(run.pid).children(recursive=True)


def test_a_few_kills_stalls_and_crashes_lose_nothing():
    with chaos("--kills", "6", "--stalls", "2", "--restarts-every", "2", "--workers", "2") as run:
        shown = json.loads(run.communicate(timeout=AT_MOST)[0])
    assert run.returncode == 0
    assert (shown["kills"], shown["stalls"], shown["restarts"]) == (6, 2, 3)
    assert shown["executions"]["completed"] > 0
    assert (shown["lost"], shown["broken"]) == ([], [])
    assert (folder_of(run).exists(), servers_of(run)) == (False, [])


def test_too_few_kills_in_the_time_there_is_are_a_failure():
    with chaos("--kills", "500", "--at-least", "400", "--workers", "1", "--seconds", "1") as run:
        shown = json.loads(run.communicate(timeout=AT_MOST)[0])
    assert run.returncode == 1
    assert (shown["lost"], len(shown["broken"])) == ([], 1)
    assert shown["broken"][0].startswith("only ")


def test_given_up_it_leaves_nothing_behind():
    with chaos("--kills", "100000", "--workers", "2") as run:
        family = [*workers_of(run), *servers_of(run)]
    assert (run.returncode, len(family) > 3) == (1, True)
    assert psutil.wait_procs(family, timeout=AT_MOST)[1] == []
    assert not folder_of(run).exists()


def test_killed_its_workers_end_with_it():
    with chaos("--kills", "100000", "--workers", "2") as run:
        workers, servers = workers_of(run), servers_of(run)
        run.kill()
    ended, left = psutil.wait_procs(workers, timeout=AT_MOST)
    for server in servers:  # which knows nothing of it
        server.kill()
    shutil.rmtree(folder_of(run))
    assert (len(ended) > 2, left) == (True, [])
