"""Each page asked for again and again, over HTTP and as its two queries, with the plan of the first."""

import http.client
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from benchmarks.cycles.venv import ROOT
from benchmarks.inbox.pages import PAGES, Page

PORT = "8497"
MOST_QUERIES = 8
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Figure:
    """Milliseconds of a page: over HTTP (p50, p95), and of its rows and its counts in SQL (medians)."""

    page: Page
    p50: float
    p95: float
    rows_sql: float
    totals_sql: float
    queries: int
    rows: int

    @property
    def is_missed(self) -> bool:
        late = self.page.budget is not None and self.p95 > self.page.budget
        return late or self.queries > MOST_QUERIES


def all_pages(times: int, plans: Path) -> list[Figure]:
    plans.mkdir(parents=True, exist_ok=True)
    with web():
        return [measured(page, times, plans) for page in PAGES]


def measured(page: Page, times: int, plans: Path) -> Figure:
    print(page.name, file=sys.stderr, flush=True)
    cookie, address = cookie_of(page.person), address_of(page)
    queries, rows = counted(page.person, address)
    taken = sorted(asked(cookie, address, times))
    rows_sql, totals_sql = in_sql(page, address, times, plans)
    p95 = taken[min(len(taken) - 1, int(len(taken) * 0.95))]
    return Figure(page, statistics.median(taken), p95, rows_sql, totals_sql, queries, rows)


def address_of(page: Page) -> str:
    """The address with its place in the list: page 1,000 is found by its rank, once."""
    query = quote(page.query, safe="=&+.")
    if not page.deep:
        return f"/inbox/?{query}"
    from django.http import QueryDict

    from flows.store.inbox.orders import ORDERS
    from flows.web.filters import Filters, place_beside

    filters = Filters.of(QueryDict(page.query))
    order = ", ".join(ranked(segment) for segment in ORDERS[filters.sort])
    row = at_rank(page, order)
    query = f"{query}&" if query else ""
    return f"/inbox/?{query}at={place_beside(row, filters.sort)}"


def ranked(segment):
    condition = f"({segment.condition}) DESC, " if segment.condition else ""
    where = f"CASE WHEN {segment.condition or 'true'} THEN " if segment.condition else ""
    end = " END" if where else ""
    direction = "DESC" if segment.down else "ASC"
    return condition + ", ".join(f"{where}e.{column}{end} {direction}" for column in segment.columns)


def at_rank(page: Page, order: str):
    from flows.models import Interrupt

    scope = scopes(page.person)["all"]
    whole, seen = scope.whole(), scope.condition()
    query = (
        "SELECT q.* FROM (SELECT DISTINCT e.interrupt_id, e.created_at, e.due_at, e.priority "  # noqa: S608
        f"FROM flows_inboxentry e WHERE {whole.text} AND {seen.text}) AS e "
        f"JOIN flows_interrupt q ON q.id = e.interrupt_id ORDER BY {order} OFFSET {page.deep - 1} LIMIT 1"
    )
    return Interrupt.objects.raw(query, (*whole.parameters, *seen.parameters))[0]


def scopes(person: str):
    from django.contrib.auth.models import User
    from django.http import HttpRequest

    from flows.web import own

    request = HttpRequest()
    request.user = User.objects.get(username=person)
    return own.scopes(request)


def in_sql(page: Page, address: str, times: int, plans: Path) -> tuple[float, float]:
    from django.http import QueryDict

    from flows.store import inbox
    from flows.store.inbox.listing import explained
    from flows.web.filters import Filters

    filters, views = Filters.of(QueryDict(address.partition("?")[2])), scopes(page.person)
    asked = (views[filters.view], filters.wanted(), filters.sort, filters.cursor)
    name = "".join(letter if letter.isalnum() else "-" for letter in page.name)
    (plans / f"{name}.txt").write_text(explained(*asked))
    user_id = views["all"].user_id
    return timed(lambda: inbox.page(*asked), times), timed(lambda: inbox.totals(views, user_id), times)


def timed(call, times: int) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def counted(person: str, address: str) -> tuple[int, int]:
    """How many queries the page takes, and how many rows it shows."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in(person)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(address, headers={"host": "localhost"}).content.decode()
    return len(queries), page.count('<li id="row-')


def asked(cookie: str, address: str, times: int) -> Iterator[float]:
    """Milliseconds of each answer, on one connection; the first two are not counted."""
    connection = http.client.HTTPConnection("localhost", int(PORT), timeout=PATIENCE_SECONDS)
    for number in range(times + 2):
        began = time.perf_counter()
        connection.request("GET", address, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{address} answered {answer.status}.")
        if number > 1:
            yield (time.perf_counter() - began) * 1000
    connection.close()


def cookie_of(person: str) -> str:
    from django.conf import settings

    value = signed_in(person).cookies[settings.SESSION_COOKIE_NAME].value
    return f"{settings.SESSION_COOKIE_NAME}={value}"


def signed_in(person: str):
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.get(username=person))
    return client


@contextmanager
def web() -> Iterator[None]:
    """The web server as people run it."""
    command = [sys.executable, "manage.py", "web", "--port", PORT]
    child = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"PORT": PORT})
    try:
        wait_for_it()
        yield
    finally:
        child.terminate()
        child.wait(20)


def wait_for_it() -> None:
    for _ in range(PATIENCE_SECONDS * 5):
        try:
            connection = http.client.HTTPConnection("localhost", int(PORT), timeout=5)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("The web server does not come up.")


def show(figures: list[Figure]) -> None:
    print(
        "| page | p50 ms | p95 ms | budget | rows, SQL | counts, SQL | queries | rows |\n" + "|---" * 8 + "|"
    )
    for f in figures:
        budget = f"{f.page.budget:.0f}{' MISSED' if f.is_missed else ''}" if f.page.budget else "–"
        print(
            f"| {f.page.name} | {f.p50:.0f} | {f.p95:.0f} | {budget} | {f.rows_sql:.1f} | {f.totals_sql:.1f} "
            f"| {f.queries} | {f.rows} |"
        )
