"""Settings that make no sense fail `manage.py check` with an id and a way out."""

import pytest

from flows.checks import check_settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FLOWS_LEASE_SECONDS", 0),
        ("FLOWS_LEASE_SECONDS", "30"),
        ("FLOWS_LEASE_SECONDS", float("nan")),
        ("FLOWS_POLL_SECONDS", -1),
        ("FLOWS_GRACE_SECONDS", None),
        ("FLOWS_MAX_CLAIMS", 2.5),
        ("FLOWS_MAX_CLAIMS", 0),
        ("FLOWS_CONCURRENCY", True),
    ],
)
def test_a_value_out_of_range_is_an_error_with_a_way_out(name, value, settings):
    setattr(settings, name, value)
    (error,) = [message for message in check_settings() if message.id == "flows.E001"]
    assert name in error.msg
    assert "default" in error.hint


def test_polling_less_often_than_leases_run_out_is_an_error(settings):
    settings.FLOWS_LEASE_SECONDS, settings.FLOWS_POLL_SECONDS = 5, 6
    (error,) = check_settings()
    assert error.id == "flows.E002"


@pytest.mark.parametrize("queues", ["gpu", [], ["a,b"], [""], [1], ["x" * 65]])
def test_queues_that_have_no_names_are_an_error(queues, settings):
    settings.FLOWS_QUEUES = queues
    (error,) = check_settings()
    assert error.id == "flows.E004"


def test_the_defaults_are_fine():
    assert check_settings() == []


def test_a_list_of_queues_is_fine(settings):
    settings.FLOWS_QUEUES = ["default", "gpu"]
    assert check_settings() == []
