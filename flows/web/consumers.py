"""The socket of a page: it says "look again" and nothing else, so nobody is told what they may not see."""

import asyncio
import json
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth.models import User

from flows.live import rights
from flows.live.hints import EVERYTHING, LISTS
from flows.live.hub import ALL_INBOXES, hub
from flows.models import Execution
from flows.models.interrupt import audience_tokens

SIGNED_OUT = 4401
MALFORMED = 4400
RENEW = 4408
KINDS = {"inbox", "execution", "executions"}
PAUSE_SECONDS = 0.5  # at most one push in this time, so that what follows shows within a second too
AGE_SECONDS = 600  # then the socket is opened again, with the rights of that moment
MAX_TOPICS = 20
MAX_TEXT = 4_000


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Follows the inbox of its user, and the executions that its page names and its user may see."""

    async def connect(self) -> None:
        self.user: Any = self.scope["user"]
        self.changed: set[str] = set()
        self.pushing: asyncio.Task[None] | None = None
        if not self.user.is_authenticated:
            await self.accept()
            await self.close(SIGNED_OUT)
            return
        self.own = await database_sync_to_async(inbox_topics)(self.user) | rights.topics_of(self.user)
        await self.accept()
        self.ageing = asyncio.get_running_loop().call_later(AGE_SECONDS, self.renew)
        hub.follow(self, set(self.own))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """The page names what it shows: {"topics": ["execution:<uuid>", "executions"]}."""
        named = topics_named(text_data or "")
        if named is None:
            await self.close(MALFORMED)
            return
        allowed = await database_sync_to_async(visible_topics)(self.user, named)
        hub.follow(self, self.own | allowed)

    async def disconnect(self, code: int) -> None:
        hub.leave(self)
        if self.pushing:
            self.pushing.cancel()
        if ageing := getattr(self, "ageing", None):
            ageing.cancel()

    def look_again(self, topics: set[str]) -> None:
        if topics & rights.topics_of(self.user):
            hub.leave(self)
            self.renew()
            return
        self.changed |= KINDS if EVERYTHING in topics else {topic.partition(":")[0] for topic in topics}
        if self.pushing is None or self.pushing.done():
            self.pushing = asyncio.get_running_loop().create_task(self.push())

    async def push(self) -> None:
        """The first change at once, those that follow together."""
        while self.changed:
            kinds, self.changed = sorted(self.changed), set()
            await self.send(text_data=json.dumps({"changed": kinds}))
            await asyncio.sleep(PAUSE_SECONDS)

    def renew(self) -> None:
        self.closing = asyncio.get_running_loop().create_task(self.close(RENEW))


class Nowhere(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Refuses a socket at any other address; without it that would be an error of ours."""

    async def connect(self) -> None:
        await self.close()


def inbox_topics(user: User) -> set[str]:
    if user.is_superuser:
        return {ALL_INBOXES}
    return {f"inbox:{token}" for token in audience_tokens(user)}


def topics_named(text: str) -> set[str] | None:
    """The topics of a page's message; None when it is not one."""
    try:
        topics = json.loads(text)["topics"] if len(text) <= MAX_TEXT else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if (
        not isinstance(topics, list)
        or len(topics) > MAX_TOPICS
        or not all(isinstance(t, str) for t in topics)
    ):
        return None
    return set(topics)


def visible_topics(user: User, topics: set[str]) -> set[str]:
    """Those of `topics` that exist for this user."""
    ids = {id for topic in topics if (id := execution_in(topic))}
    seen = Execution.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True) if ids else ()
    return {f"execution:{id}" for id in seen} | (topics & {LISTS})


def execution_in(topic: str) -> UUID | None:
    kind, _, id = topic.partition(":")
    try:
        return UUID(id) if kind == "execution" else None
    except ValueError:
        return None
