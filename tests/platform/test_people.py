"""The demo people, and the key that an installation makes for itself."""

import stat
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.core.management import call_command

from approvals_site import people, secret


@pytest.fixture
def printed(db):
    output = StringIO()
    call_command("demo_people", stdout=output)
    return output.getvalue()


def test_everybody_can_sign_in_with_what_was_printed(printed):
    for line in printed.splitlines():
        if line.startswith("    "):
            name, password = line.split()[:2]
            assert authenticate(username=name, password=password)
    assert User.objects.count() == len(people.DEMO_PEOPLE)


def test_reviewers_may_answer_and_the_requester_may_not(printed):
    may = {user.username: user.has_perm("flows.respond_interrupt") for user in User.objects.all()}
    assert may == {"admin": True, "fiona": True, "leo": True, "rita": False}


def test_a_second_time_changes_nothing(printed):
    before = set(User.objects.values_list("password", flat=True))
    again = StringIO()
    call_command("demo_people", stdout=again)
    assert set(User.objects.values_list("password", flat=True)) == before
    assert "--reset" in again.getvalue()


def test_forgotten_passwords_are_replaced(printed):
    output = StringIO()
    call_command("demo_people", reset=True, stdout=output)
    name, password = output.getvalue().strip().splitlines()[-1].split()[:2]
    assert authenticate(username=name, password=password)
    assert password not in printed


def test_a_made_key_is_the_same_for_all_and_only_for_its_owner(tmp_path):
    path = tmp_path / "var" / "secret_key"
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: secret.stored_key(path), range(64)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret_key"]
