"""The index of the inbox says what the interrupts say, whatever happens to them."""

import pytest
from django.db import connection

from flows.models import InboxEntry, Interrupt
from flows.services import executions, interrupts
from tests.durable import ask, intact, work
from tests.flows_for_tests import flows

pytestmark = pytest.mark.django_db(transaction=True)


def entries(interrupt: Interrupt) -> list[str]:
    return sorted(InboxEntry.objects.filter(interrupt_id=interrupt.pk).values_list("token", flat=True))


def words(text: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT flows_words(%s)", [text])
        return cursor.fetchone()[0]


def finds(search: str, interrupt: Interrupt) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(words @@ flows_sought(%s)) FROM flows_inboxentry WHERE interrupt_id = %s",
            [search, interrupt.pk],
        )
        return bool(cursor.fetchone()[0])


def test_an_entry_for_each_token_and_one_of_them_first() -> None:
    item = ask(policy={"groups": ["Finance", "Legal"], "users": ["ann", "ann"]})
    assert entries(item) == ["g:Finance", "g:Legal", "u:ann"]
    assert InboxEntry.objects.filter(first=True).count() == 1
    intact()


def test_an_answer_takes_it_out_and_undo_brings_it_back() -> None:
    item = ask(undo_seconds=60)
    interrupts.decide(interrupt_id=item.pk, answer={"approved": True}, door="browser")
    assert entries(item) == []
    interrupts.undo(interrupt_id=item.pk)
    assert entries(item) == ["*"]
    intact()


def test_cancelling_takes_it_out() -> None:
    item = ask()
    executions.cancel(execution_id=item.execution_id, reason="No more")
    assert entries(item) == []


def test_a_webhook_is_not_in_the_inbox() -> None:
    assert entries(ask(type="webhook")) == []


def test_what_is_suspended_is_out_until_the_retry() -> None:
    first, second = ask(), ask()
    Interrupt.objects.filter(pk=second.pk).update(status="suspended")
    assert (entries(first), entries(second)) == (["*"], [])
    Interrupt.objects.filter(pk=second.pk).update(status="waiting")
    assert entries(second) == ["*"]


def test_a_changed_row_changes_its_entry() -> None:
    item = ask()
    Interrupt.objects.filter(pk=item.pk).update(priority=3, audience=["g:Legal"])
    assert entries(item) == ["g:Legal"]
    assert InboxEntry.objects.get().priority == 3


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Refund €1,240.50 to Müller & Söhne", ["refund", "1240", "50", "to", "müller", "söhne"]),
        ("O'Neil—a_b/c", ["o", "neil", "a", "b", "c"]),
        ("", []),
        (" \t… ", []),
        ("退款 x", ["退", "款", "退款", "x"]),
    ],
)
def test_words_of_a_text(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_it_is_found_by_title_summary_facts_and_flow() -> None:
    payload = {
        "title": "Buy 上海远洋 pallets",
        "summary": "Approving orders it.",
        "facts": [{"label": "Supplier", "value": "Baltic Freight"}, {"label": "Amount", "value": 1240.5}],
    }
    item = ask(payload=payload)
    for search in ("pall", "PALLETS buy", "approving", "supplier baltic", "1,240", "海远", "上", "ask"):
        assert finds(search, item), search
    for search in ("allets", "pallets zebra", "海上", "", "flow=", "#type"):
        assert not finds(search, item), search


@pytest.mark.parametrize(
    "payload",
    [None, "text", 3, [1], {"facts": "x"}, {"facts": [None, 3, {"label": None}]}, {"a": {"b": [1]}}],
)
def test_any_payload_can_wait(payload: object) -> None:
    assert entries(ask(payload=payload)) == ["*"]


def test_lists_written_by_the_worker_stay_exact() -> None:
    items = [ask() for _ in range(3)]
    interrupts.decide(interrupt_id=items[0].pk, answer={"approved": True})
    flows.broken.add("keep")
    work()
    flows.broken.clear()
    assert InboxEntry.objects.count() == 2
    intact()
