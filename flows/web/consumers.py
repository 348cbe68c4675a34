"""The socket of a page: it says "look again" and nothing else, so nobody is told what they may not see."""

import asyncio
import json
import random
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth.models import User

from flows.live import rights
from flows.live.hints import EVERYTHING, LISTS
from flows.live.hub import ALL_INBOXES, hub
from flows.models import VOTED, Execution
from flows.models.interrupt import audience_tokens
from flows.services import presence
from flows.services.errors import NotFound
from flows.web.looking import watch

SIGNED_OUT = 4401
MALFORMED = 4400
RENEW = 4408
KINDS = {"inbox", "execution", "executions", "looking"}
PAUSE_SECONDS = 0.5  # at most one push in this time, so that what follows shows within a second too
AGE_SECONDS = 600  # then the socket is opened again, with the rights of that moment; or a little earlier
ARE_YOU_THERE = "?"  # from a page that has heard nothing for a while
MAX_TOPICS = 20
MAX_TEXT = 4_000


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page says that it shows: topics, and the id of the interrupt that its person looks at."""

    topics: set[str]
    looking: str


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Follows the inbox of its user, and the executions that its page names and its user may see."""

    async def connect(self) -> None:
        self.user: Any = self.scope["user"]
        self.page, self.is_open = uuid4(), True
        self.changed: set[str] = set()
        self.pushing: asyncio.Task[None] | None = None
        if not self.user.is_authenticated:
            await self.accept()
            await self.close(SIGNED_OUT)
            return
        self.own = await database_sync_to_async(inbox_topics)(self.user) | rights.topics_of(self.user)
        await self.accept()
        self.ageing = asyncio.get_running_loop().call_later(
            AGE_SECONDS * random.uniform(0.8, 1),  # noqa: S311 - so that not all come back at once
            self.renew,
        )
        hub.follow(self, set(self.own))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """The page says what it shows: {"topics": ["execution:<uuid>", …], "looking": "<uuid>"}."""
        if text_data == ARE_YOU_THERE:
            await self.send(text_data='{"changed": []}')
            return
        shown = shown_by(text_data or "")
        if shown is None:
            await self.close(MALFORMED)
            return
        allowed, looking = await database_sync_to_async(visible)(self.user, shown)
        if self.is_open:
            hub.follow(self, self.own | allowed)
            watch.look(self.page, self.user.pk, looking)

    async def disconnect(self, code: int) -> None:
        self.is_open = False
        hub.leave(self)
        watch.leave(self.page)
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
        self.is_open = False
        self.closing = asyncio.get_running_loop().create_task(self.close(RENEW))


class Nowhere(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Refuses a socket at any other address; without it that would be an error of ours."""

    async def connect(self) -> None:
        await self.close()


def inbox_topics(user: User) -> set[str]:
    if user.is_superuser:
        return {ALL_INBOXES}
    return {f"inbox:{token}" for token in [*audience_tokens(user), f"{VOTED}{user.get_username()}"]}


def shown_by(text: str) -> Shown | None:
    """What a page's message says; None when it is not one."""
    try:
        said = json.loads(text if len(text) <= MAX_TEXT else "")
        topics, looking = said["topics"], said.get("looking") or ""
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    if not isinstance(topics, list) or len(topics) > MAX_TOPICS:
        return None
    return Shown(set(topics), looking) if all(isinstance(t, str) for t in [*topics, looking]) else None


def visible(user: User, shown: Shown) -> tuple[set[str], UUID | None]:
    """The topics that exist for this user, and the interrupt that they look at, if it does."""
    topics = visible_topics(user, shown.topics)
    try:
        looking = presence.may_look(interrupt_id=shown.looking, by=user) if shown.looking else None
    except NotFound:
        looking = None
    return topics | ({presence.topic_of(looking)} if looking else set()), looking


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
