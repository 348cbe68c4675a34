"""Whose rights or sessions change gets a new socket, with what they may see now."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from flows.live import hints, rights
from flows.web.consumers import RENEW
from tests.web.test_live import connected, deaf_hub, hub, talk

__all__ = ["deaf_hub"]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch, fiona: User, leo: User) -> set[str]:
    """The topics of all hints that are sent once these people are there."""
    topics: set[str] = set()
    monkeypatch.setattr(hints, "after_commit", lambda changed, **options: topics.update(changed))
    return topics


def sign_out(user: User) -> None:
    client = Client()
    client.force_login(user)
    client.post("/accounts/logout/")


def close_account(user: User) -> None:
    user.is_active = False
    user.save()


CHANGES = {
    "left a group": lambda user: user.groups.clear(),
    "was put out of it": lambda user: Group.objects.get(name="Finance").user_set.remove(user),
    "lost a permission": lambda user: user.user_permissions.set([Permission.objects.first()]),
    "its group lost one": lambda user: Group.objects.get(name="Finance").permissions.clear(),
    "its group is gone": lambda user: Group.objects.get(name="Finance").delete(),
    "account closed": close_account,
    "signed out": sign_out,
}


@pytest.mark.django_db
@pytest.mark.parametrize("change", CHANGES)
def test_changed_rights_are_told(change: str, heard: set[str], fiona: User) -> None:
    CHANGES[change](fiona)
    assert heard & rights.topics_of(fiona)


@pytest.mark.django_db
def test_signing_in_and_others_changes_are_no_reason(heard: set[str], fiona: User, leo: User) -> None:
    Client().force_login(fiona)
    close_account(leo)
    assert not heard & rights.topics_of(fiona)


@pytest.mark.django_db(transaction=True)
def test_a_socket_whose_rights_changed_is_renewed_and_hears_nothing_more(
    deaf_hub: object, fiona: User
) -> None:
    async def conversation() -> None:
        socket = await connected(fiona)
        await socket.send_to(text_data='{"topics": ["executions"]}')
        assert await socket.receive_nothing(timeout=0.1)
        hub.publish([f"rights:{fiona.pk}"])
        hub.publish(["inbox:g:Finance", "executions"])
        assert await socket.receive_output() == {"type": "websocket.close", "code": RENEW}

    talk(conversation)
