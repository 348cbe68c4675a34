"""`manage.py serve` brings everything up, heals whatever is killed, and takes everything down."""

import os
import re
import socket
import subprocess
import sys

import pytest
from django.conf import settings

from tests.platform.clients import kill_postmaster, postmaster
from tests.platform.served import Serve, eventually, free_port, processes_of


@pytest.fixture(scope="module")
def start(folder):
    """Start it on the same data as before; whatever is left at the end is killed."""

    def start(port=None, terminal=None):
        serve = Serve(folder, port or free_port(), terminal)
        serve.wait_until_running()
        return serve

    yield start
    for process in processes_of(folder):
        process.kill()


@pytest.fixture(scope="module")
def first(start):
    return start()


def test_the_first_run_prints_everybodys_password_and_what_to_do(first):
    for name in ("rita", "fiona", "leo", "admin"):
        assert re.search(rf"{name} +\w{{4}}-\w{{4}}-\w{{4}}-\w{{4}} ", first.output)
    assert f"http://localhost:{first.port}/flows/" in first.output


def test_a_killed_worker_is_replaced(first):
    assert first.kill_child("flows_worker").is_running()


def test_a_killed_web_server_is_replaced_and_answers_on_the_same_port(first):
    first.kill_child("web")
    eventually(first.answers)


def test_a_killed_database_comes_back_and_the_site_answers_again(first, folder):
    web = first.child("web").pid
    kill_postmaster(folder / "postgres")
    eventually(lambda: postmaster(folder / "postgres"))
    eventually(first.answers)
    assert first.child("web").pid == web


def test_a_killed_backend_does_no_harm(first, folder):
    backend = next(
        p for p in postmaster(folder / "postgres").children() if "approvals" in " ".join(p.cmdline())
    )
    backend.kill()
    eventually(first.answers)


def test_a_port_in_use_is_said_in_one_sentence_before_anything_is_started(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        command = [sys.executable, "manage.py", "serve", "--port", port]
        done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"Port {port} is in use" in done.stderr


def test_after_serve_itself_is_killed_nothing_stays_and_a_new_one_starts_on_the_same_port(
    first, start, folder
):
    first.kill()
    second = start(first.port)
    assert "password" not in second.output  # the people are still there
    assert second.stop() == 0
    eventually(lambda: not processes_of(folder))


def test_ctrl_c_in_a_terminal_leaves_no_process(start, folder):
    ours, theirs = os.openpty()
    serve = start(terminal=theirs)
    os.write(ours, b"\x03")
    assert serve.wait() == 0
    assert processes_of(folder) == []
    assert postmaster(folder / "postgres") is None
    os.close(ours)
    os.close(theirs)
