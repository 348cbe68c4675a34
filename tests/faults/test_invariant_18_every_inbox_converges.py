"""18. Every inbox converges to the truth, whatever becomes of the hints; no row to the wrong person."""

import asyncio
import faulthandler
import random
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import Client

from approvals_site import people
from flows.models import Interrupt
from flows.services import executions, interrupts
from tests.crowd import Inbox, open_inboxes, until_all
from tests.durable import until
from tests.site import Site, running

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_SECONDS = 120

# Found before PostgreSQL's own, by every connection that is opened from then on.
LOSSY = """
CREATE SCHEMA lossy;
CREATE SEQUENCE lossy.said;
CREATE FUNCTION lossy.pg_notify(channel text, payload text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('lossy.said') %% 2 = 0 THEN PERFORM pg_catalog.pg_notify(channel, payload); END IF;
END $$;
"""
SILENT = """
CREATE OR REPLACE FUNCTION lossy.pg_notify(channel text, payload text) RETURNS void LANGUAGE plpgsql
AS $$ BEGIN PERFORM nextval('lossy.said'); END $$;
"""


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def lossy_hints(transactional_db: None) -> Iterator[None]:
    """Of all hints of this database every second one is lost."""
    database = f'"{connection.settings_dict["NAME"]}"'
    execute(LOSSY.replace("%%", "%"))
    execute(f"ALTER DATABASE {database} SET search_path = lossy, pg_catalog, public")
    connections.close_all()
    yield
    execute(f"ALTER DATABASE {database} RESET search_path")
    execute("DROP SCHEMA lossy CASCADE")
    connections.close_all()


@pytest.fixture
def site(lossy_hints: None, tmp_path: Path) -> Iterator[Site]:
    with running(tmp_path / "log") as site:
        yield site
        print(site.log.read_text()[-2000:])


class Crowd:
    """`count` people, five to a group, each with an open inbox."""

    def __init__(self, site: Site, count: int) -> None:
        self.users = [self._person(number) for number in range(count)]
        self.inboxes = [Inbox(site.url, cookie_of(user)) for user in self.users]
        self.groups = sorted({f"Team {number // 5}" for number in range(count)})

    @staticmethod
    def _person(number: int) -> User:
        person = people.Person(f"p{number}", f"P{number}", "reviewer", group=f"Team {number // 5}")
        return people.create(person, "correct-horse-battery")

    def change(self, group: str, random: random.Random) -> None:
        """A question more for this group, or one less."""
        waiting = list(Interrupt.objects.waiting().filter(audience=[f"g:{group}"]))
        if len(waiting) > 3 or (waiting and random.random() < 0.4):
            by = next(user for user in self.users if user.groups.filter(name=group).exists())
            one = random.choice(waiting)
            interrupts.decide(interrupt_id=one.pk, answer={"approved": True}, by=by, door="browser")
        else:
            executions.start(flow="ask", input={"payload": {"title": group}, "policy": {"groups": [group]}})

    def truth(self) -> list[set[str]]:
        """What each inbox has to show."""
        waiting: dict[str, set[str]] = {}
        for id, audience in Interrupt.objects.waiting().values_list("pk", "audience"):
            waiting.setdefault(audience[0], set()).add(str(id))
        return [waiting.get(f"g:Team {number // 5}", set()) for number in range(len(self.users))]

    def allowed(self) -> list[set[str]]:
        """What each might ever have shown."""
        of: dict[str, set[str]] = {}
        for id, audience in Interrupt.objects.values_list("pk", "audience"):
            of.setdefault(audience[0], set()).add(str(id))
        return [of.get(f"g:Team {number // 5}", set()) for number in range(len(self.users))]

    def diverged(self, truth: list[set[str]]) -> int:
        return sum(inbox.rows != wanted for inbox, wanted in zip(self.inboxes, truth, strict=True))


def cookie_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


def nothing_is_on_its_way() -> bool:
    """The worker has done all that it was given."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM flows_execution WHERE wake_at IS NOT NULL OR lease_owner IS NOT NULL"
        )
        return cursor.fetchone()[0] == 0


def settled_truth(crowd: Crowd) -> list[set[str]]:
    until(nothing_is_on_its_way)
    return crowd.truth()


async def converge(crowd: Crowd, *, seconds: float) -> float:
    """Wait until every inbox shows what is true; how long that took after the last change."""
    truth = await sync_to_async(settled_truth)(crowd)
    began = time.monotonic()
    await until_all(lambda: crowd.diverged(truth) == 0, seconds=seconds)
    return time.monotonic() - began


def check_nobody_saw_what_is_not_theirs(crowd: Crowd) -> None:
    for inbox, allowed in zip(crowd.inboxes, crowd.allowed(), strict=True):
        assert inbox.seen <= allowed
    assert any(inbox.seen for inbox in crowd.inboxes)


def test_inboxes_converge_although_half_of_the_hints_are_lost_and_then_all(site: Site) -> None:
    crowd, chance = Crowd(site, 40), random.Random(18)

    async def scene() -> None:
        async with open_inboxes(crowd.inboxes):
            await until_all(lambda: all(i.rows is not None for i in crowd.inboxes), seconds=PATIENCE_SECONDS)
            for _ in range(4):
                for group in crowd.groups:
                    await sync_to_async(crowd.change)(group, chance)
            await converge(crowd, seconds=PATIENCE_SECONDS)
            await sync_to_async(execute)(SILENT)
            for group in crowd.groups:
                await sync_to_async(crowd.change)(group, chance)
            await converge(crowd, seconds=PATIENCE_SECONDS)
        await sync_to_async(check_nobody_saw_what_is_not_theirs)(crowd)
        await sync_to_async(connections.close_all)()

    asyncio.run(scene())
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_value FROM lossy.said")
        assert cursor.fetchone()[0] > 20  # they were lost, not sent by another way


@pytest.mark.slow
def test_five_hundred_inboxes_converge_within_three_seconds(site: Site) -> None:
    faulthandler.cancel_dump_traceback_later()  # it takes longer than a test may that hangs
    crowd, chance = Crowd(site, 500), random.Random(18)
    web = psutil.Process(site.children["web"].pid)

    async def scene() -> float:
        before = web.memory_info().rss
        async with open_inboxes(crowd.inboxes):
            opening = time.monotonic()
            await until_all(lambda: all(i.rows is not None for i in crowd.inboxes), seconds=600)
            print(f"\n500 inboxes open after {time.monotonic() - opening:.0f} s")
            print(f"{(web.memory_info().rss - before) / 500 / 1024:.0f} KB for each inbox, all included")
            took, began, fetched = [], time.monotonic(), sum(i.fetched for i in crowd.inboxes)
            for _ in range(5):
                for group in chance.sample(crowd.groups, 10):
                    await sync_to_async(crowd.change)(group, chance)
                took.append(await converge(crowd, seconds=600))
            seconds, fetched = time.monotonic() - began, sum(i.fetched for i in crowd.inboxes) - fetched
            print(f"50 changes in {seconds:.1f} s, {fetched} looks, {fetched / seconds:.0f} a second")
            print("seconds until all were right: " + " ".join(f"{t:.1f}" for t in took))
        await sync_to_async(check_nobody_saw_what_is_not_theirs)(crowd)
        await sync_to_async(connections.close_all)()
        return max(took)

    assert asyncio.run(scene()) <= 3
