"""What a person sets is theirs, on every device."""

from django.contrib.auth.models import User
from django.test import Client

from flows.models import Preference
from flows.services import preferences
from tests.web.conftest import Ask

MOMENT = {"type": "object", "properties": {"at": {"type": "string", "format": "date-time"}}}


def test_what_was_set_is_kept_and_shown_again(as_fiona: Client, fiona: User, leo: User) -> None:
    response = as_fiona.post("/settings/", {"time_zone": "Asia/Shanghai"})
    assert (response.status_code, response["Location"]) == (303, "/settings/?saved")
    kept = preferences.of(fiona)
    assert (kept.shortcuts, kept.time_zone) == (False, "Asia/Shanghai")
    page = as_fiona.get("/settings/?saved").content.decode()
    assert 'data-keys="off"' in page
    assert "Asia/Shanghai" in page
    assert preferences.of(leo).shortcuts is True


def test_a_time_zone_that_does_not_exist_is_an_error(as_fiona: Client) -> None:
    response = as_fiona.post("/settings/", {"shortcuts": "on", "time_zone": "Mars/Olympus"})
    assert response.status_code == 422
    assert "There is no such time zone." in response.content.decode()
    assert not Preference.objects.exists()


def test_times_are_in_the_zone_that_was_set_then_the_browsers_then_the_sites(
    as_fiona: Client, ask: Ask, fiona: User
) -> None:
    item = ask(type="human_input", response_schema=MOMENT, initial={"at": "2026-07-01T12:00:00Z"})

    def shown() -> str:
        return as_fiona.get(f"/inbox/{item.pk}/").content.decode()

    assert 'value="2026-07-01T12:00:00"' in shown()
    as_fiona.cookies["time_zone"] = "Europe/Berlin"
    assert 'value="2026-07-01T14:00:00"' in shown()
    preferences.change(user=fiona, time_zone="Asia/Shanghai")
    assert 'value="2026-07-01T20:00:00"' in shown()
    as_fiona.cookies["time_zone"] = "../../etc"
    preferences.change(user=fiona, time_zone="")
    assert 'value="2026-07-01T12:00:00"' in shown()


def test_a_stranger_is_sent_to_sign_in(client: Client) -> None:
    assert client.get("/settings/").status_code == 302


def test_every_page_has_its_times_in_the_zone_of_its_reader(as_fiona: Client, ask: Ask, fiona: User) -> None:
    preferences.change(user=fiona, time_zone="Asia/Shanghai")
    item = ask(requester=None)
    at = item.created_at.astimezone(preferences.zone_named("Asia/Shanghai"))
    for path in (
        "/inbox/",
        f"/inbox/{item.pk}/",
        f"/inbox/{item.pk}/paper/",
    ):
        page = as_fiona.get(path).content.decode()
        assert f"{at:%H:%M:%S} CST" in page, path
        assert 'data-zone="Asia/Shanghai"' in page, path


def test_executions_too(client: Client, ask: Ask, admin: User) -> None:
    client.force_login(admin)
    client.cookies["time_zone"] = "Asia/Kolkata"
    item = ask()
    at = item.execution.created_at.astimezone(preferences.zone_named("Asia/Kolkata"))
    for path in ("/executions/", f"/executions/{item.execution_id}/"):
        assert f"{at:%H:%M:%S} IST" in client.get(path).content.decode(), path
