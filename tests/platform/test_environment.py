"""Bad values in the environment are named, with a way out, and never repeat a secret."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from approvals_site import database
from approvals_site.environment import Environment


def problems(read, **variables):
    env = Environment(variables)
    read(env)
    return [problem.id for problem in env.problems]


@pytest.mark.parametrize("value", ["abc", "0", "65536", "-1", "٣", "1e3", "9" * 5000])
def test_a_number_out_of_range_is_a_problem(value):
    assert problems(lambda env: env.whole_number("PORT", 8000, least=1, most=65535), PORT=value)


def test_a_number_in_range_is_taken():
    assert Environment({"PORT": " 9000 "}).whole_number("PORT", 8000, least=1, most=65535) == 9000


@pytest.mark.parametrize("value", ["maybe", "2"])
def test_a_switch_is_on_or_off(value):
    assert problems(lambda env: env.flag("APPROVALS_DEBUG"), APPROVALS_DEBUG=value) == ["approvals.E002"]


@pytest.mark.parametrize(
    "value",
    ["example.com", "ftp://example.com", "https://", "https://a:b@c.example", "https://h/p", "http://[::"],
)
def test_a_base_url_is_scheme_and_host(value):
    assert problems(lambda env: env.address("URL", "http://localhost"), URL=value) == ["approvals.E005"]


@pytest.mark.parametrize(
    "value", ["postgres://u:hidden@h:xx/d", "mysql://u:hidden@h/d", "hidden", "postgresql://u:hidden@h/"]
)
def test_an_unusable_database_url_is_a_problem_that_keeps_the_password(value):
    env = Environment({"DATABASE_URL": value})
    database.describe(env, directory=Path("unused"))
    assert [problem.id for problem in env.problems] == ["approvals.E001"]
    assert "hidden" not in repr(env.problems)


def test_a_database_url_becomes_djangos_settings():
    url = "postgresql://rita:p%40ss@db.example.com:5433/approvals?sslmode=require&connect_timeout=9"
    described = database.describe(Environment({"DATABASE_URL": url}), directory=Path("unused"))
    named = [described[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
    assert named == ["rita", "p@ss", "db.example.com", "5433", "approvals"]
    assert described["OPTIONS"]["sslmode"] == "require"
    assert described["OPTIONS"]["connect_timeout"] == "9"


def test_the_options_of_a_database_url_go_over_those_of_the_site():
    url = "postgresql://h/d?options=-c%20statement_timeout%3D1h"
    described = database.describe(Environment({"DATABASE_URL": url}), directory=Path("unused"))
    database.for_pages(described)
    options = described["OPTIONS"]["options"]
    assert options.index("statement_timeout=10000") < options.index("statement_timeout=1h")


def test_only_pages_have_their_waits_bounded():
    url = "postgresql://h/d"
    described = database.describe(Environment({"DATABASE_URL": url}), directory=Path("unused"))
    assert "statement_timeout" not in described["OPTIONS"]["options"]
    assert "patience" not in described["OPTIONS"]
    database.for_pages(described)
    assert described["OPTIONS"]["patience"] > 10
    untouched = database.describe(Environment({"DATABASE_URL": url}), directory=Path("unused"))
    assert untouched["OPTIONS"]["pool"] == database.POOL


def test_a_problem_fails_every_command_with_a_sentence():
    env = os.environ | {
        "DATABASE_URL": "postgresql://u:hidden@h:port/d",
        "DJANGO_SETTINGS_MODULE": "approvals_site.settings",
    }
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(
        command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "approvals.E001" in done.stderr
    assert "Traceback" not in done.stderr
    assert "hidden" not in done.stderr
