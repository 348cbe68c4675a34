"""What every page has in common: the policy, the frame, and the pages for what went wrong."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client, RequestFactory

from flows.web.views import failures
from tests.web.conftest import Ask

TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))
SCRIPTS = sorted(Path(settings.BASE_DIR, "static", "js").glob("*.js"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_a_script_or_a_style_of_its_own(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle=|<style|\shx-on|\son[a-z]+=|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_has_one_job_and_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) < 65


def test_the_policy_allows_nothing_inline(as_fiona: Client, ask: Ask) -> None:
    policy = as_fiona.get(f"/inbox/{ask().pk}/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_missing_page_looks_like_the_others(as_fiona: Client) -> None:
    response = as_fiona.get("/nothing/at/all/")
    assert response.status_code == 404
    assert "Go to the inbox" in response.content.decode()


def test_a_database_that_is_gone_is_said_as_503(rf: RequestFactory) -> None:
    try:
        raise OperationalError("gone")
    except OperationalError:
        response = failures.server_error(rf.get("/"))
    assert (response.status_code, response["Retry-After"]) == (503, "5")


def test_anything_else_is_said_as_500(rf: RequestFactory) -> None:
    try:
        raise ValueError("secret detail")
    except ValueError:
        response = failures.server_error(rf.get("/"))
    assert response.status_code == 500
    assert b"secret" not in response.content


def test_the_address_of_a_form_leads_to_its_page(client: Client, ask: Ask, fiona: User) -> None:
    place = f"/inbox/{ask().pk}/"
    sent_away = client.post(f"{place}answer/")
    assert sent_away["Location"] == f"/accounts/login/?next={place}answer/"
    client.force_login(fiona)
    assert client.get(f"{place}answer/")["Location"] == place


def test_too_many_fields_are_refused_with_a_page(as_fiona: Client) -> None:
    response = as_fiona.post("/flows/refund/", {f"f{number}": "x" for number in range(5001)})
    assert response.status_code == 400
    assert "Not readable" in response.content.decode()


def test_signing_in_and_out(client: Client, fiona: User) -> None:
    assert "Sign in" in client.get("/accounts/login/").content.decode()
    wrong = client.post("/accounts/login/", {"username": "fiona", "password": "wrong"})
    assert 'role="alert"' in wrong.content.decode()
    assert 'value="fiona"' in wrong.content.decode()
    right = client.post("/accounts/login/", {"username": "fiona", "password": "correct-horse-battery"})
    assert right["Location"] == "/inbox/"
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert client.get("/inbox/").status_code == 302


def test_only_staff_is_shown_the_way_to_administration(client: Client, fiona: User, admin: User) -> None:
    client.force_login(fiona)
    assert "/admin/" not in client.get("/flows/").content.decode()
    client.force_login(admin)
    assert "/admin/" in client.get("/flows/").content.decode()


def test_a_form_in_an_unknown_encoding_is_said_to_be_unreadable(fiona: User) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)  # the check reads the form first
    client.force_login(fiona)
    client.get("/flows/refund/")
    encoding = "application/x-www-form-urlencoded; charset=utf-16"
    response = client.post("/flows/refund/", b"a=1", content_type=encoding)
    assert response.status_code == 400
    assert "cannot be read" in response.content.decode()


@pytest.mark.parametrize("target", ["rows", "inbox", "executions"])
def test_a_piece_is_not_stored_in_the_place_of_its_page(as_fiona: Client, target: str) -> None:
    address = "/executions/" if target == "executions" else "/inbox/"
    part = as_fiona.get(address, headers={"HX-Request": "true", "HX-Target": target})
    assert "<head>" not in part.content.decode()
    assert part["Cache-Control"] == "no-store"
    assert "no-store" not in as_fiona.get(address).get("Cache-Control", "")  # Back keeps what was typed
