"""Who is told to look again, and who is not."""

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection, connections

from flows.live import hints
from flows.live.hub import Hub, hub, topics_in
from flows.web import consumers
from flows.web.consumers import LiveConsumer, shown_by, visible_topics
from flows.web.routing import websocket_urlpatterns
from tests.web.conftest import Ask

EVERYTHING_CHANGED = {"changed": ["execution", "executions", "inbox", "looking"]}
END_LISTENERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND query ~ '^LISTEN|pg_current_snapshot' AND pid <> pg_backend_pid()
"""


class Listener:
    def __init__(self) -> None:
        self.heard: list[set[str]] = []

    def look_again(self, topics: set[str]) -> None:
        self.heard.append(topics)


@pytest.fixture
def deaf_hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A hub that is told what changed by the test."""

    async def nothing(self: Hub) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Hub, "_listen", nothing)
    return Hub()


def told(deaf_hub: Hub, topics: list[str], **following: set[str]) -> dict[str, list[set[str]]]:
    async def run() -> dict[str, list[set[str]]]:
        listeners = {name: Listener() for name in following}
        for name, listener in listeners.items():
            deaf_hub.follow(listener, following[name])
        deaf_hub.publish(topics)
        deaf_hub._task.cancel()
        return {name: listener.heard for name, listener in listeners.items()}

    return asyncio.run(run())


def test_only_followers_of_a_topic_hear_of_it(deaf_hub: Hub) -> None:
    heard = told(deaf_hub, ["inbox:g:Legal"], leo={"inbox:g:Legal"}, fiona={"inbox:g:Finance"})
    assert heard == {"leo": [{"inbox:g:Legal"}], "fiona": []}


def test_one_hint_of_many_topics_is_heard_once(deaf_hub: Hub) -> None:
    heard = told(deaf_hub, ["inbox:*", "executions", "x"], leo={"inbox:*", "executions"})
    assert heard == {"leo": [{"inbox:*", "executions"}]}


def test_who_follows_all_inboxes_hears_of_each(deaf_hub: Hub) -> None:
    assert told(deaf_hub, ["inbox:u:leo"], admin={"inbox"}) == {"admin": [{"inbox:u:leo"}]}


def test_everybody_hears_of_everything(deaf_hub: Hub) -> None:
    assert told(deaf_hub, ["*"], a={"inbox:*"}, b={"executions"}) == {"a": [{"*"}], "b": [{"*"}]}


def test_who_has_left_hears_nothing(deaf_hub: Hub) -> None:
    listener = Listener()

    async def run() -> None:
        deaf_hub.follow(listener, {"executions"})
        deaf_hub.leave(listener)
        deaf_hub.publish(["executions", "*"])
        deaf_hub._task.cancel()

    asyncio.run(run())
    assert listener.heard == []
    assert not deaf_hub._followers


@pytest.mark.parametrize("payload", ["", "nonsense", "{}", "5"])
def test_a_hint_that_cannot_be_read_concerns_everybody(payload: str) -> None:
    assert topics_in(payload) == ["*"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[]",
        "{}",
        '{"topics": 5}',
        '{"topics": [5]}',
        '{"topics": [], "looking": 5}',
        '[{"topics": []}]',
        "[" * 3000,
        json.dumps({"topics": ["a"] * 21}),
    ],
)
def test_a_message_that_is_none_is_refused(text: str) -> None:
    assert shown_by(text) is None


def test_an_execution_that_a_person_may_not_see_cannot_be_followed(ask: Ask, fiona: User) -> None:
    seen, hidden = ask().execution_id, ask(audience=("g:Legal",)).execution_id
    asked = {f"execution:{seen}", f"execution:{hidden}", "execution:x", "executions", "inbox:g:Legal", "*"}
    assert visible_topics(fiona, asked) == {f"execution:{seen}", "executions"}


async def connected(user: Any) -> WebsocketCommunicator:
    socket = WebsocketCommunicator(LiveConsumer.as_asgi(), "/live/")
    socket.scope["user"] = user
    assert await sync_to_async(hints.flush)(20)  # that the user is new was not said to this socket
    await socket.connect()
    return socket


def talk(conversation: Any) -> None:
    async def run() -> None:
        try:
            await conversation()
        finally:
            if hub._task:
                hub._task.cancel()
            await sync_to_async(connections.close_all)()  # that of the thread the consumer asks in

    asyncio.run(run())


@pytest.mark.django_db(transaction=True)
def test_pushes_say_what_kind_changed_and_no_more_than_one_a_second(
    deaf_hub: Hub, fiona: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "PAUSE_SECONDS", 0.2)

    async def conversation() -> None:
        socket = await connected(fiona)
        for _ in range(5):
            hub.publish(["inbox:g:Finance"])
        assert json.loads(await socket.receive_from(timeout=20)) == {"changed": ["inbox"]}
        hub.publish(["inbox:g:Finance", "executions"])
        hub.publish(["inbox:g:Legal"])
        assert await socket.receive_nothing(timeout=0.1)
        assert json.loads(await socket.receive_from(timeout=20)) == {"changed": ["inbox"]}
        await socket.send_to(text_data='{"topics": ["executions"]}')
        await asyncio.sleep(0.3)
        hub.publish(["executions"])
        assert json.loads(await socket.receive_from(timeout=20)) == {"changed": ["executions"]}
        await socket.disconnect()
        assert not hub._topics

    talk(conversation)


def test_who_is_not_signed_in_is_told_so(deaf_hub: Hub) -> None:
    async def conversation() -> None:
        socket = await connected(AnonymousUser())
        assert await socket.receive_output() == {"type": "websocket.close", "code": 4401}

    talk(conversation)


@pytest.mark.django_db(transaction=True)
def test_nonsense_closes_the_socket(deaf_hub: Hub, fiona: User) -> None:
    async def conversation() -> None:
        socket = await connected(fiona)
        await socket.send_to(text_data="nonsense")
        assert (await socket.receive_output())["code"] == 4400

    talk(conversation)


@pytest.mark.django_db(transaction=True)
def test_hints_arrive_and_a_lost_connection_makes_everybody_look_again(
    fiona: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "PAUSE_SECONDS", 0.0)

    async def conversation() -> None:
        socket = await connected(fiona)
        assert json.loads(await socket.receive_from(timeout=20)) == EVERYTHING_CHANGED  # it listens now
        await sync_to_async(hints.send)({"inbox:g:Finance"})
        assert json.loads(await socket.receive_from(timeout=20)) == {"changed": ["inbox"]}
        await sync_to_async(end_listeners)()
        assert json.loads(await socket.receive_from(timeout=20)) == EVERYTHING_CHANGED
        await socket.disconnect()

    talk(conversation)


def end_listeners() -> None:
    with connection.cursor() as cursor:
        cursor.execute(END_LISTENERS)


def test_a_socket_at_an_unknown_address_is_refused() -> None:
    async def conversation() -> None:
        socket = WebsocketCommunicator(URLRouter(websocket_urlpatterns), "/elsewhere/")
        assert (await socket.connect())[0] is False

    asyncio.run(conversation())
