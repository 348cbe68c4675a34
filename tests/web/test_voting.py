"""A question that several people approve, as each of them sees it."""

import pytest

from flows.services import interrupts
from tests.durable import ask

pytestmark = pytest.mark.django_db(transaction=True)
STAGES = {
    "stages": [
        {"name": "Money", "groups": ["Finance"]},
        {"name": "Law", "groups": ["Legal"]},
    ]
}


def page(client, user, interrupt):
    client.force_login(user)
    return client.get(interrupt.get_absolute_url())


def test_who_has_approved_sees_that_and_no_form(client, fiona, leo):
    interrupt = ask(policy={"users": ["fiona", "leo"], "quorum": 2})
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True, "comment": "Fine"}, by=fiona)
    text = page(client, fiona, interrupt).content.decode()
    assert "You have approved this" in text
    assert "1 of 2" in text
    assert f'id="answer-{interrupt.pk}"' not in text
    assert 'data-count="0"' in text


def test_the_next_one_sees_who_has_approved_and_the_form(client, fiona, leo):
    interrupt = ask(policy={"users": ["fiona", "leo"], "quorum": 2})
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True, "comment": "Fine"}, by=fiona)
    text = page(client, leo, interrupt).content.decode()
    assert "Fiona" in text
    assert "Fine" in text
    assert f'id="answer-{interrupt.pk}"' in text


def test_who_approved_in_an_earlier_stage_may_look_on(client, fiona, leo):
    interrupt = ask(policy=STAGES)
    assert page(client, leo, interrupt).status_code == 404
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True}, by=fiona)
    text = page(client, fiona, interrupt).content.decode()
    assert f'id="answer-{interrupt.pk}"' not in text
    assert page(client, leo, interrupt).status_code == 200


def test_an_approval_in_the_browser_leaves_the_inbox_and_can_be_undone(client, fiona, leo, settings):
    settings.FLOWS_UNDO_SECONDS = 60
    interrupt = ask(policy={"users": ["fiona", "leo"], "quorum": 2})
    client.force_login(fiona)
    answer = {"decision": "approve", "request_id": "once", "digest": interrupt.digest}
    assert client.post(f"{interrupt.get_absolute_url()}answer/", answer).status_code == 303
    assert not interrupts.open_for(fiona).exists()
    client.post(f"{interrupt.get_absolute_url()}undo/")
    assert interrupts.open_for(fiona).get() == interrupt


def test_what_a_person_has_approved_is_done_once_it_is_closed(client, fiona, leo):
    interrupt = ask(policy=STAGES, payload={"title": "Two desks"})
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True}, by=fiona)
    interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True}, by=leo)
    client.force_login(fiona)
    assert "Two desks" in client.get("/inbox/?view=done").content.decode()
