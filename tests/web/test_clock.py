"""What the clock will do to a question, on the page; and taking an answer back there."""

import pytest
from django.test import Client

from flows.models import Interrupt, Response
from flows.services import executions, interrupts
from tests.durable import ask, work

pytestmark = pytest.mark.django_db(transaction=True)


def page(client: Client, interrupt: Interrupt) -> str:
    return client.get(interrupt.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("on_expire", "said"),
    [
        ({"approved": False}, "then rejected"),
        ("cancel", "then the flow is cancelled"),
        ("fail", "then the flow fails, and can be retried"),
    ],
)
def test_the_page_says_what_will_happen_and_when(as_fiona, on_expire, said):
    interrupt = ask(due_in=7300, expires_in=90_100, on_expire=on_expire, priority="urgent")
    html = page(as_fiona, interrupt)
    assert said in html
    assert "in 2 h" in html
    assert "in 1 day" in html
    assert "Urgent" in html
    assert "due" in as_fiona.get("/inbox/").content.decode()


def test_an_answer_can_be_taken_back_where_it_was_given(as_fiona):
    interrupt = ask(undo_seconds=60)
    form = {"decision": "approve", "digest": interrupt.digest}
    as_fiona.post(f"/inbox/{interrupt.pk}/answer/", form)
    work()
    assert "Undo" in page(as_fiona, interrupt)
    undone = as_fiona.post(f"/inbox/{interrupt.pk}/undo/", headers={"HX-Request": "true"})
    assert (undone.status_code, "Your answer" in undone.content.decode()) == (200, True)
    assert not Response.objects.exists()
    late = as_fiona.post(f"/inbox/{interrupt.pk}/undo/")
    assert late.status_code == 404


def test_too_late_is_said(as_fiona, fiona):
    interrupt = ask()
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True}, by=fiona)
    late = as_fiona.post(f"/inbox/{interrupt.pk}/undo/")
    assert late.status_code == 409
    assert "cannot be taken back" in late.content.decode()


def test_a_question_on_hold_says_so(as_fiona):
    interrupt = ask()
    from django.db.models.functions import Now

    from flows.models import Execution

    Execution.objects.filter(pk=interrupt.execution_id).update(snapshot="broken", wake_at=Now())
    work()
    html = page(as_fiona, interrupt)
    assert "This question is on hold" in html
    refused = as_fiona.post(f"/inbox/{interrupt.pk}/answer/", {"decision": "approve"})
    assert refused.status_code == 409
    executions.cancel(execution_id=interrupt.execution_id, reason="enough")
    assert "This question was cancelled" in page(as_fiona, interrupt)
