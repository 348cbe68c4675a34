"""Who looks at a question: told to those who may see it, written rarely, forgotten when a page dies."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from flows.models import Presence
from flows.services import presence
from flows.web import looking
from flows.web.looking import Watch
from tests.crowd import until_all
from tests.web.conftest import Ask
from tests.web.test_live import connected, deaf_hub, hub, talk

__all__ = ["deaf_hub"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Each time that something is written: where whose pages are, and which are gone."""
    times: list[Any] = []
    note = presence.note

    def noted(places: Any, *, gone: Any, changed: Any) -> None:
        times.append((list(places), list(gone)))
        note(places, gone=gone, changed=changed)

    monkeypatch.setattr(presence, "note", noted)
    monkeypatch.setattr(looking, "TICK_SECONDS", 0.01)
    return times


def here(interrupt: Any, user: User) -> None:
    presence.note([(uuid4(), interrupt.pk, user.pk)], gone=[], changed=set())


def shown(client: Client, user: User, interrupt: Any) -> str:
    client.force_login(user)
    return client.get(f"/inbox/{interrupt.pk}/looking/").content.decode()


def test_others_are_named_and_oneself_is_not(client: Client, ask: Ask, fiona: User, leo: User) -> None:
    interrupt = ask(audience=("*",))
    here(interrupt, fiona)
    here(interrupt, fiona)
    assert "is looking" not in shown(client, fiona, interrupt)
    assert "Fiona is looking at this" in shown(client, leo, interrupt)
    here(interrupt, leo)
    assert "Leo is looking at this" in shown(client, fiona, interrupt)


def test_who_may_not_see_the_question_is_told_nothing(
    client: Client, ask: Ask, fiona: User, leo: User
) -> None:
    interrupt = ask()
    here(interrupt, fiona)
    client.force_login(leo)
    assert client.get(f"/inbox/{interrupt.pk}/looking/").status_code == 404


def test_a_page_that_died_is_forgotten(client: Client, ask: Ask, fiona: User, leo: User) -> None:
    interrupt = ask(audience=("*",))
    here(interrupt, fiona)
    Presence.objects.update(until=timezone.now())
    assert "is looking" not in shown(client, leo, interrupt)
    presence.note([], gone=[], changed=set())
    assert not Presence.objects.exists()


def test_the_table_is_not_logged(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'flows_presence'")
        assert cursor.fetchone()[0] == "u"


def test_a_socket_tells_where_its_person_is_and_where_others_are(
    deaf_hub: object, ask: Ask, leo: User, written: list[Any]
) -> None:
    seen, hidden = ask(audience=("*",)), ask()

    async def conversation() -> None:
        socket = await connected(leo)
        await socket.send_to(text_data=json.dumps({"topics": [], "looking": str(hidden.pk)}))
        await socket.send_to(text_data=json.dumps({"topics": [], "looking": "nonsense"}))
        await socket.send_to(text_data=json.dumps({"topics": [], "looking": str(seen.pk)}))
        await until_all(lambda: written, seconds=20)
        hub.publish([presence.topic_of(hidden.pk), presence.topic_of(seen.pk)])
        assert json.loads(await socket.receive_from(timeout=20)) == {"changed": ["looking"]}
        assert [(at, user) for places, _ in written for _, at, user in places] == [(seen.pk, leo.pk)]
        await socket.disconnect()

    talk(conversation)


def test_a_page_writes_at_most_once_in_its_time(
    ask: Ask, fiona: User, written: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However fast somebody goes from item to item; the last place is written in the end."""
    asked, page = [ask() for _ in range(5)], uuid4()
    now = [0.0]
    monkeypatch.setattr(looking, "monotonic", lambda: now[0])

    async def scene() -> None:
        watch = Watch()
        for interrupt in asked:
            watch.look(page, fiona.pk, interrupt.pk)
            await until_written(1)
            await asyncio.sleep(0.05)
        assert len(written) == 1
        now[0] += looking.GAP_SECONDS - 1
        await asyncio.sleep(0.2)
        assert len(written) == 1
        now[0] += 1.0
        await until_written(2)
        assert [at for _, at, _ in written[1][0]] == [asked[-1].pk]
        now[0] += looking.RENEW_SECONDS
        await until_written(3)
        watch.leave(page)
        await asyncio.sleep(0.2)
        assert len(written) == 3
        now[0] += looking.GAP_SECONDS
        await until_written(4)
        assert written[3] == ([], [page])
        now[0] += looking.GAP_SECONDS
        await watch._task
        await sync_to_async(connections.close_all)()

    async def until_written(times: int) -> None:
        await until_all(lambda: len(written) >= times, seconds=20)

    asyncio.run(scene())
    assert not Presence.objects.exists()


def test_pages_write_together(ask: Ask, fiona: User, leo: User, written: list[Any]) -> None:
    interrupt = ask(audience=("*",))

    async def scene() -> None:
        watch = Watch()
        for user in (fiona, leo) * 50:
            watch.look(uuid4(), user.pk, interrupt.pk)
        await until_all(lambda: written, seconds=20)
        watch._task.cancel()
        await sync_to_async(connections.close_all)()

    asyncio.run(scene())
    assert len(written[0][0]) == 100
    assert Presence.objects.count() == 100
