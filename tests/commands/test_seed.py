"""`manage.py flows_seed`: believable questions that can be answered."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from flows.models import Event, Execution, InboxEntry, Interrupt
from flows.services import interrupts
from flows.store import seed
from tests.durable import intact, work

pytestmark = pytest.mark.django_db(transaction=True)
ANSWERS = {
    "purchase": {"approved": True, "data": {}},
    "document_review": {"approved": False, "data": {}},
    "address_check": "New Street 5, Porto",
}


def seeded(capsys, waiting: int) -> dict:
    call_command("flows_seed", waiting=waiting, json=True)
    return json.loads(capsys.readouterr().out)


def test_they_wait_in_the_inbox_and_everything_holds(capsys, leo) -> None:
    assert seeded(capsys, 400) == {"waiting": 400, "stopped": False}
    assert Interrupt.objects.waiting().count() == InboxEntry.objects.filter(first=True).count() == 400
    assert Interrupt.objects.values("flow").distinct().count() == 4
    assert Execution.objects.values("requester").distinct().count() > 5
    intact()


def test_they_can_be_answered_like_any_others(capsys, leo) -> None:
    seeded(capsys, 400)
    Execution.objects.update(wake_at=None)  # only what is answered
    answered = [Interrupt.objects.filter(flow=flow).first() for flow in ANSWERS]
    for item in answered:
        interrupts.decide(interrupt_id=item.pk, answer=ANSWERS[item.flow])
    work()
    ended = Execution.objects.filter(pk__in=[item.execution_id for item in answered])
    assert set(ended.values_list("status", flat=True)) == {"completed"}


def test_stopping_leaves_whole_executions(capsys, leo, monkeypatch) -> None:
    monkeypatch.setattr(seed, "BATCH", 50)
    copy, batches = seed.copy, []

    def stopped(*args, **kwargs):
        batches.append(1)
        if len(batches) == 3:
            raise KeyboardInterrupt
        copy(*args, **kwargs)

    monkeypatch.setattr(seed, "copy", stopped)
    with pytest.raises(SystemExit) as end:
        call_command("flows_seed", waiting=400, json=True)
    assert end.value.code == 1
    assert json.loads(capsys.readouterr().out) == {"waiting": 100, "stopped": True}
    assert Interrupt.objects.count() == 100
    intact()


@override_settings(DEMO_PEOPLE=False)
def test_a_site_that_people_use_is_not_filled_by_mistake() -> None:
    with pytest.raises(CommandError, match="--yes"):
        call_command("flows_seed", waiting=5)
    assert not Event.objects.exists()
    call_command("flows_seed", waiting=5, yes=True)
    assert Interrupt.objects.count() == 5
