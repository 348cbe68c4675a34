"""Behind a question: the flow with its place, what happened, and its earlier rounds with what changed."""

from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from flows.models import Interrupt
from flows.services import executions, interrupts
from tests.durable import work
from tests.web.conftest import Ask

HTMX = {"HX-Request": "true"}


def again(execution: Any, answer: str) -> Interrupt:
    """Answer what waits, and give the question that comes after it."""
    item = Interrupt.objects.get(execution=execution, status="waiting")
    interrupts.decide(interrupt_id=item.pk, answer={"approved": False, "comment": answer})
    work()
    return Interrupt.objects.get(execution=execution, status="waiting")


def test_earlier_rounds_are_shown_with_what_changed(
    transactional_db: None, admin: User, client: Client
) -> None:
    execution = executions.start(flow="rounds", input={})
    work()
    again(execution, "Too much")
    item = again(execution, "Still too much")
    client.force_login(admin)
    assert "part=rounds" in client.get(f"/inbox/{item.pk}/").content.decode()
    page = client.get(f"/inbox/{item.pk}/background/?part=rounds", headers=HTMX).content.decode()
    assert page.index("Round 2") < page.index("Round 1")
    for text in ("Too much", "Still too much", "What changed after it", "<mark>20</mark>", "<mark>30</mark>"):
        assert text in page


def test_the_first_round_asks_for_no_earlier_ones(
    transactional_db: None, admin: User, client: Client
) -> None:
    execution = executions.start(flow="rounds", input={})
    work()
    client.force_login(admin)
    item = Interrupt.objects.get(execution=execution)
    assert "part=rounds" not in client.get(f"/inbox/{item.pk}/").content.decode()


def test_rounds_of_others_do_not_exist(as_fiona: Client, ask: Ask) -> None:
    first = ask(title="Secret", audience=("g:Legal",))
    second = ask(title="Mine")
    Interrupt.objects.filter(pk=second.pk).update(execution=first.execution)
    page = as_fiona.get(f"/inbox/{second.pk}/background/").content.decode()
    assert "Secret" not in page
    assert as_fiona.get(f"/inbox/{first.pk}/background/").status_code == 404


def test_the_flow_and_the_history_are_shown(transactional_db: None, admin: User, client: Client) -> None:
    execution = executions.start(flow="rounds", input={})
    work()
    item = Interrupt.objects.get(execution=execution)
    client.force_login(admin)
    piece = client.get(f"/inbox/{item.pk}/background/", headers=HTMX).content.decode()
    assert 'class="step chunk waiting"' in piece
    assert "Asked “Pay 10”" in piece
    assert "<html" not in piece
    assert "<html" in client.get(f"/inbox/{item.pk}/background/").content.decode()


def test_what_comes_next_is_said_only_where_it_is_certain(
    transactional_db: None, admin: User, client: Client
) -> None:
    client.force_login(admin)
    for flow, said in (("plain_next", True), ("rounds", False), ("forked_next", False)):
        execution = executions.start(flow=flow, input={})
        work()
        page = client.get(f"/inbox/{Interrupt.objects.get(execution=execution).pk}/").content.decode()
        assert ("Whatever you answer, the flow goes on with" in page) is said
