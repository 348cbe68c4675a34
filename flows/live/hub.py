"""One LISTEN connection of this web process, and the subscribers in it that a hint concerns.

Once a second the same connection looks for what no hint told of, so a lost hint costs a second, and a
connection that is half open shows.
"""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Awaitable, Iterable
from typing import Any, Protocol, TypeVar

import psycopg
from django.db import Error, connections

from flows.live.hints import EVERYTHING, LIVE
from flows.live.sweep import Sweep

ALL_INBOXES = "inbox"  # followed by those who see every inbox
LOOK_SECONDS = 1  # between two looks for what no hint told of
PROOF_SECONDS = 5  # how long a look may take
RETRY_SECONDS = (0.1, 5.0)
NOT_FOR_PSYCOPG = ("cursor_factory", "context", "server_side_binding", "patience")

T = TypeVar("T")
log = logging.getLogger(__name__)


class Subscriber(Protocol):
    def look_again(self, topics: set[str]) -> None:
        """Something changed. Called on the event loop; returns at once."""


class Hub:
    """Lives on one event loop. Subscribers join and leave from that loop only."""

    def __init__(self) -> None:
        self._followers: defaultdict[str, set[Subscriber]] = defaultdict(set)
        self._topics: dict[Subscriber, set[str]] = {}
        self._task: asyncio.Task[None] | None = None

    def follow(self, subscriber: Subscriber, topics: set[str]) -> None:
        """From now on tell `subscriber` of these topics, and of no others; starts listening if need be."""
        self.leave(subscriber)
        self._topics[subscriber] = topics
        for topic in topics:
            self._followers[topic].add(subscriber)
        if self._task is None or self._task.done() or self._task.get_loop() is not asyncio.get_running_loop():
            self._task = asyncio.get_running_loop().create_task(self._listen())

    def leave(self, subscriber: Subscriber) -> None:
        for topic in self._topics.pop(subscriber, ()):
            self._followers[topic].discard(subscriber)
            if not self._followers[topic]:
                del self._followers[topic]

    def publish(self, topics: Iterable[str]) -> None:
        """Tell each follower once which of its topics changed."""
        concerned: defaultdict[Subscriber, set[str]] = defaultdict(set)
        for topic in topics:
            for subscriber in self._concerned(topic):
                concerned[subscriber].add(topic)
        for subscriber, changed in concerned.items():
            subscriber.look_again(changed)

    def _concerned(self, topic: str) -> set[Subscriber]:
        if topic == EVERYTHING:
            return set(self._topics)
        found = self._followers.get(topic, set())
        if topic.startswith(f"{ALL_INBOXES}:"):
            found = found | self._followers.get(ALL_INBOXES, set())
        return found

    async def _listen(self) -> None:
        delay = RETRY_SECONDS[0]
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**await asyncio.to_thread(address)) as line:
                    await _in_time(line.execute(f"LISTEN {LIVE}"))
                    sweep = Sweep()
                    await _in_time(sweep.begin(line))
                    self.publish([EVERYTHING])  # for what changed while nobody listened
                    delay = RETRY_SECONDS[0]
                    await self._hear(line, sweep)
            except (psycopg.Error, Error, OSError) as error:
                log.warning("Lost the connection that tells of changes: %s", str(error).splitlines()[:1])
            await asyncio.sleep(delay)
            delay = min(delay * 2, RETRY_SECONDS[1])

    async def _hear(self, line: psycopg.AsyncConnection[Any], sweep: Sweep) -> None:
        while True:
            async for notification in line.notifies(timeout=LOOK_SECONDS):
                self.publish(topics_in(notification.payload))
            self.publish(await _in_time(sweep.look(line)))


def topics_in(payload: str) -> list[str]:
    """The topics of a notification; everything, when it cannot be read."""
    try:
        topics = json.loads(payload)
    except ValueError:
        return [EVERYTHING]
    return topics if isinstance(topics, list) else [EVERYTHING]


def address() -> dict[str, Any]:
    """How to reach the database, as psycopg takes it."""
    parameters = connections["default"].get_connection_params()
    kept = {key: value for key, value in parameters.items() if key not in NOT_FOR_PSYCOPG}
    return {**kept, "autocommit": True}


async def _in_time(asked: Awaitable[T]) -> T:
    """Raises TimeoutError, which is an OSError, when the other side says nothing."""
    async with asyncio.timeout(PROOF_SECONDS):
        return await asked


hub = Hub()
