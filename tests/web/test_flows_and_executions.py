"""Starting flows from the catalogue, and following what became of them."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from flows.models import Execution
from tests.web.conftest import Ask

REFUND = {
    "value.customer": "Ann",
    "value.amount": "12.50",
    "value.reason": '"Billed twice"',
    "value.note": "",
}


@pytest.fixture
def as_rita(client: Client, rita: User) -> Client:
    client.force_login(rita)
    return client


def test_the_catalogue_lists_every_flow(as_rita: Client) -> None:
    page = as_rita.get("/flows/").content.decode()
    assert "/flows/refund/" in page
    assert "/flows/document_review/" in page


def test_an_unknown_flow_is_not_found(as_rita: Client) -> None:
    assert as_rita.get("/flows/nothing/").status_code == 404
    assert as_rita.post("/flows/nothing/").status_code == 404


def test_a_filled_in_form_starts_an_execution_and_leads_to_it(as_rita: Client, rita: User) -> None:
    response = as_rita.post("/flows/refund/", {**REFUND, "request_id": "r-1"})
    execution = Execution.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/executions/{execution.pk}/")
    assert execution.input == {"customer": "Ann", "amount": 12.5, "reason": "Billed twice"}
    assert execution.requester == rita
    assert as_rita.get(response["Location"]).status_code == 200


def test_a_double_click_starts_one_execution(as_rita: Client) -> None:
    places = {as_rita.post("/flows/refund/", {**REFUND, "request_id": "r-1"})["Location"] for _ in range(2)}
    assert len(places) == Execution.objects.count() == 1


def test_a_form_sent_again_with_other_values_is_refused_once(as_rita: Client) -> None:
    as_rita.post("/flows/refund/", {**REFUND, "request_id": "r-1"})
    response = as_rita.post("/flows/refund/", {**REFUND, "value.amount": "13", "request_id": "r-1"})
    assert response.status_code == 409
    assert 'value="r-1"' not in response.content.decode()


@pytest.mark.parametrize(
    "field, typed, said",
    [
        ("amount", "", "This is required."),
        ("amount", "-1", "Must be at least 0.01."),
        ("amount", "1e999", "too large"),
        ("customer", "a\0b", "Null characters"),
        ("reason", '"Whatever"', "Select a valid choice"),
        ("note", "x" * 2001, "at most 2000 characters"),
    ],
)
def test_errors_stand_at_their_fields_and_the_rest_stays(
    as_rita: Client, field: str, typed: str, said: str
) -> None:
    response = as_rita.post("/flows/refund/", {**REFUND, "value.customer": "Ann", f"value.{field}": typed})
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert 'aria-invalid="true"' in page
    assert "Ann" in page or field == "customer"
    assert not Execution.objects.exists()


def test_an_execution_of_somebody_else_does_not_exist(as_rita: Client, ask: Ask, leo: User) -> None:
    execution = ask(requester=leo).execution
    assert as_rita.get(f"/executions/{execution.pk}/").status_code == 404
    assert as_rita.post(f"/executions/{execution.pk}/retry/").status_code == 404
    assert execution.short_id not in as_rita.get("/executions/").content.decode()


def test_a_reviewer_of_one_question_does_not_see_the_others(as_fiona: Client, ask: Ask) -> None:
    item = ask(title="For Finance")
    secret = ask(title="For Legal only", audience=("g:Legal",))
    type(secret).objects.filter(pk=secret.pk).update(execution=item.execution)
    page = as_fiona.get(f"/executions/{item.execution_id}/").content.decode()
    assert "For Finance" in page
    assert "For Legal only" not in page
    assert "For Legal only" not in as_fiona.get("/executions/").content.decode()


def test_a_failed_execution_shows_its_error_and_can_be_retried(as_rita: Client, ask: Ask, rita: User) -> None:
    execution = ask(requester=rita).execution
    error = {"step": "settle", "type": "ValueError", "message": "No such <b>account</b>", "traceback": "…"}
    Execution.objects.filter(pk=execution.pk).update(status="failed", error=error)
    page = as_rita.get(f"/executions/{execution.pk}/").content.decode()
    assert "No such &lt;b&gt;account" in page
    assert f"/executions/{execution.pk}/retry/" in page
    response = as_rita.post(f"/executions/{execution.pk}/retry/")
    assert (response.status_code, response["Location"]) == (303, f"/executions/{execution.pk}/")


def test_what_cannot_be_retried_says_why(as_rita: Client, ask: Ask, rita: User) -> None:
    execution = ask(requester=rita).execution
    response = as_rita.post(f"/executions/{execution.pk}/retry/")
    assert response.status_code == 409
    assert "Only a failed execution can be retried" in response.content.decode()


def test_cancelling_ends_it_and_says_who(as_rita: Client, ask: Ask, rita: User) -> None:
    execution = ask(requester=rita).execution
    as_rita.post(f"/executions/{execution.pk}/cancel/", {"reason": "Not needed any more"})
    page = as_rita.get(f"/executions/{execution.pk}/").content.decode()
    assert "Cancelled by Rita: Not needed any more" in page


def test_executions_take_few_queries(
    as_rita: Client, ask: Ask, rita: User, django_assert_max_num_queries
) -> None:
    *_, execution = [ask(requester=rita).execution for _ in range(10)]
    with django_assert_max_num_queries(9):
        as_rita.get("/executions/")
    with django_assert_max_num_queries(12):
        as_rita.get(f"/executions/{execution.pk}/")
    with django_assert_max_num_queries(7):
        as_rita.get("/flows/")


@pytest.mark.parametrize(
    "query", ["?status=nonsense", "?status=failed", "?before=x", "?status=running&before=%00"]
)
def test_an_odd_address_of_the_list_is_read_as_far_as_it_makes_sense(as_rita: Client, query: str) -> None:
    assert as_rita.get(f"/executions/{query}").status_code == 200
