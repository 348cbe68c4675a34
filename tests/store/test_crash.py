"""Crash points: each name has one place in the code, and an order is obeyed at its passage only."""

import ast
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from flows.checks import check_no_crash, check_settings
from flows.store import crash

FLOWS = Path(settings.BASE_DIR) / "flows"


@pytest.fixture(autouse=True)
def inert_afterwards():
    yield
    crash.watch(None)


def call_sites() -> Counter:
    """How often each name is given to crash.point or crash.after_commit in the product."""
    calls = [
        node
        for file in FLOWS.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("crash.point", "crash.after_commit")
    ]
    assert all(len(call.args) == 1 and isinstance(call.args[0], ast.Constant) for call in calls)
    return Counter(call.args[0].value for call in calls)


def test_every_point_is_in_the_code_once_and_none_is_unknown():
    assert call_sites() == Counter(crash.POINTS)


def test_without_an_order_nothing_happens():
    crash.arm("")
    for name in crash.POINTS:
        crash.point(name)


def test_an_order_is_obeyed_at_its_passage_only():
    crash.arm("claim.before:2:raise")
    crash.point("claim.before")
    crash.point("claim.after")
    with pytest.raises(crash.Crash, match="passage 2"):
        crash.point("claim.before")
    crash.point("claim.before")


def test_several_orders_count_for_themselves():
    crash.arm("claim.before:1:raise, commit.after:1:raise")
    for name in ("claim.before", "commit.after"):
        with pytest.raises(crash.Crash, match=name):
            crash.point(name)


BAD = [
    "claim.before",
    "claim.before:1",
    "nowhere:1:raise",
    "claim.before:0:raise",
    "claim.before:x:raise",
    "claim.before:-1:raise",
    "claim.before:1:SIGTERM",
    "claim.before:1:raise:2",
    ":::",
]


@pytest.mark.parametrize("value", BAD)
def test_a_bad_value_is_refused_with_a_way_out(value, settings):
    with pytest.raises(crash.BadOrder):
        crash.arm(value)
    settings.FLOWS_CRASH = value
    (error,) = check_settings()
    assert error.id == "flows.E003"
    assert "claim.before" in error.hint


def test_a_deploy_is_warned_of_orders(settings):
    assert check_no_crash() == []
    settings.FLOWS_CRASH = "claim.before:1:raise"
    assert [warning.id for warning in check_no_crash()] == ["flows.W001"]


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """A command of the real site, up to its end."""
    variables = os.environ | {"DJANGO_SETTINGS_MODULE": "approvals_site.settings_test"} | environment
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=variables,
        capture_output=True,
        text=True,
    )


@pytest.mark.django_db(transaction=True)
def test_the_environment_gives_the_order():
    from django.db import connection

    name = connection.settings_dict["NAME"]
    ended = manage("flows_worker", "--until-idle", CRASH="worker.start:1:SIGKILL", APPROVALS_DB_NAME=name)
    assert ended.returncode == -signal.SIGKILL


def test_a_bad_value_in_the_environment_stops_every_command():
    ended = manage("flows_worker", CRASH="worker.begin:1:SIGKILL")
    assert ended.returncode == 1
    assert "flows.E003" in ended.stderr
