"""What no hint told of is found in the history, in whatever order it was committed."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connection, connections, transaction

from flows.live import sweep
from flows.live.hub import address
from flows.live.sweep import Sweep
from flows.models import Event, Interrupt
from tests.durable import Threads
from tests.web.conftest import Ask
from tests.web.test_live import connected, talk

pytestmark = pytest.mark.django_db(transaction=True)
Look = Callable[[], Coroutine[Any, Any, set[str]]]


@pytest.fixture
def _settled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "SETTLED_SECONDS", 0.0)


def looking(conversation: Callable[[Look], Coroutine[Any, Any, None]]) -> None:
    """Call `conversation` with a look of a sweep that has begun."""

    async def run() -> None:
        async with await psycopg.AsyncConnection.connect(**await asyncio.to_thread(address)) as line:
            swept = Sweep()
            await swept.begin(line)
            await conversation(lambda: swept.look(line))
        await sync_to_async(connections.close_all)()

    asyncio.run(run())


def told_of(interrupt: Interrupt) -> set[str]:
    return {"executions", f"execution:{interrupt.execution_id}", "inbox:g:Finance"}


def happen(interrupt: Interrupt) -> None:
    """An event without a hint."""
    Event.objects.create(
        execution_id=interrupt.execution_id, interrupt=interrupt, kind="interrupt.opened", door="code"
    )


def test_what_was_there_before_is_not_told(ask: Ask) -> None:
    happen(ask())

    async def conversation(look: Look) -> None:
        assert await look() == set()

    looking(conversation)


@pytest.mark.usefixtures("_settled_at_once")
def test_what_happens_is_told_once(ask: Ask) -> None:
    interrupt = ask()

    async def conversation(look: Look) -> None:
        await sync_to_async(happen)(interrupt)
        assert await look() == told_of(interrupt)
        for _ in range(3):
            assert await look() == set()

    looking(conversation)


@pytest.mark.usefixtures("_settled_at_once")
def test_who_commits_late_is_told_of_although_later_events_were(ask: Ask) -> None:
    late, early = ask(), ask()

    def hold(written: asyncio.Event, go: asyncio.Event, loop: asyncio.AbstractEventLoop) -> None:
        with transaction.atomic():
            happen(late)
            loop.call_soon_threadsafe(written.set)
            asyncio.run_coroutine_threadsafe(go.wait(), loop).result(20)
        connection.close()

    async def conversation(look: Look) -> None:
        written, go = asyncio.Event(), asyncio.Event()
        holding = asyncio.create_task(asyncio.to_thread(hold, written, go, asyncio.get_running_loop()))
        await written.wait()
        await sync_to_async(happen)(early)
        assert await look() == told_of(early)
        for _ in range(3):  # nothing is settled while somebody may come in below
            assert await look() == set()
        go.set()
        await holding
        assert await look() == told_of(late)

    looking(conversation)


def test_of_a_next_stage_those_of_the_one_before_are_told_too(ask: Ask) -> None:
    policy = {"stages": [{"groups": ["Finance"]}, {"users": ["leo"], "quorum": 2}]}
    interrupt = ask(audience=("u:leo", "v:fiona"), policy=policy)

    def advance() -> None:
        Event.objects.create(
            execution_id=interrupt.execution_id, interrupt=interrupt, kind="interrupt.advanced"
        )

    async def conversation(look: Look) -> None:
        await sync_to_async(advance)()
        assert await look() >= {"inbox:g:Finance", "inbox:u:leo", "inbox:v:fiona"}

    looking(conversation)


def test_more_than_can_be_told_concerns_everybody(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "MOST", 3)
    interrupt = ask()

    async def conversation(look: Look) -> None:
        await sync_to_async(lambda: [happen(interrupt) for _ in range(4)])()
        assert await look() == {"*"}
        assert await look() == told_of(interrupt)

    looking(conversation)


def test_of_many_at_once_none_is_missed(ask: Ask) -> None:
    """Sixteen writers, whose commits overtake each other, and a look after each of them."""
    asked = [ask() for _ in range(16)]

    async def conversation(look: Look) -> None:
        writers = asyncio.create_task(
            asyncio.to_thread(Threads([lambda one=one: happen(one) for one in asked]).run)
        )
        heard: set[str] = set()
        while not writers.done():
            heard |= await look()
        assert await writers == [None] * 16
        heard |= await look()
        assert heard == set().union(*map(told_of, asked))

    looking(conversation)


def test_a_page_hears_of_a_change_whose_hint_was_lost(fiona: User, ask: Ask) -> None:
    interrupt = ask()

    async def conversation() -> None:
        socket = await connected(fiona)
        assert "inbox" in await socket.receive_from(timeout=20)  # it listens now
        await sync_to_async(happen)(interrupt)
        assert await socket.receive_from(timeout=20) == '{"changed": ["inbox"]}'
        await socket.disconnect()

    talk(conversation)
