"""The admin shows what is there, and never changes it."""

import pytest
from django.contrib.admin import site as admin_site
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from flows.models import Event, Execution, Interrupt, RemoteRun, Response
from flows.services import executions, interrupts
from flows.worker import Dispatcher

pytestmark = pytest.mark.django_db(transaction=True)
MODELS = (Execution, Interrupt, Response, Event, RemoteRun)


@pytest.fixture
def answered(rita, fiona) -> Execution:
    payload = {"title": "<script>alert(1)</script>"}
    execution = executions.start(flow="ask", input={"payload": payload}, by=rita)
    Dispatcher().run(until_idle=True)
    interrupts.decide(interrupt_id=Interrupt.objects.get().pk, answer={"approved": True}, by=fiona)
    Dispatcher().run(until_idle=True)
    RemoteRun.objects.create(execution=execution, step="heavy", activation=1, attempt=1)
    return execution


@pytest.fixture
def desk(client, admin):
    client.force_login(admin)
    return client


def page(model, name="changelist", *args):
    return reverse(f"admin:flows_{model._meta.model_name}_{name}", args=args)


@pytest.mark.parametrize("model", MODELS)
def test_lists_and_pages_can_be_read(model, answered, desk):
    row = model.objects.first()
    assert desk.get(page(model)).status_code == 200
    shown = desk.get(page(model, "change", row.pk))
    assert shown.status_code == 200
    assert b"<script>alert(1)" not in shown.content


@pytest.mark.parametrize("model", MODELS)
def test_nothing_can_be_added_changed_or_deleted(model, answered, desk):
    row = model.objects.first()
    assert desk.get(page(model, "add")).status_code == 403
    assert desk.post(page(model, "change", row.pk), {"status": "failed"}).status_code == 403
    assert desk.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in desk.get(page(model)).content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_search_finds_by_id_or_name(model, answered, desk):
    needle = {Response: "fiona", Event: "fiona"}.get(model, str(model.objects.first().pk))
    found = desk.get(page(model), {"q": needle})
    assert found.context["cl"].result_count == 1
    assert desk.get(page(model), {"q": "no such thing"}).context["cl"].result_count == 0


def test_an_execution_leads_to_its_interrupts(answered, desk):
    shown = desk.get(page(Execution, "change", answered.pk)).content.decode()
    assert f"{page(Interrupt)}?execution__id__exact={answered.pk}" in shown
    assert desk.get(f"{page(Interrupt)}?execution__id__exact={answered.pk}").context["cl"].result_count == 1


@pytest.mark.parametrize("model", MODELS)
def test_longer_lists_take_no_more_queries(model, answered, desk, rita):
    few = _count(desk, model)
    for _ in range(10):
        executions.start(flow="ask", input={}, by=rita)
    Dispatcher().run(until_idle=True)
    for interrupt in Interrupt.objects.waiting():
        interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": False})
    assert _count(desk, model) <= few + 1


def _count(desk, model) -> int:
    with CaptureQueriesContext(connection) as seen:
        desk.get(page(model))
    return len(seen)


def test_every_model_of_the_app_is_shown_except_messages():
    shown = {model for model in admin_site._registry if model._meta.app_label == "flows"}
    assert shown == set(MODELS)


@pytest.mark.parametrize("query", ["flow=%00", "status=%00", "flow__regex=(", "created_at__gte=yesterday"])
def test_a_filter_that_nothing_can_be_looked_up_by_is_put_aside(query, answered, desk):
    shown = desk.get(f"{page(Execution)}?{query}", follow=True)
    assert (shown.status_code, shown.request["QUERY_STRING"]) == (200, "e=1")
