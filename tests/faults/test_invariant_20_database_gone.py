"""20. Database gone: pages say 503, nothing is half done, and everything comes back by itself."""

import contextlib
import threading
import time

import psycopg
import pytest

from tests.durable import Threads, reload, until
from tests.faults import reach
from tests.faults.conftest import MOST_CONNECTIONS
from tests.faults.pages import answer, assert_says_so, seconds_until_all_works, waiting
from tests.faults.whole import ONCE, assert_answer_is_whole, kinds

pytestmark = pytest.mark.django_db(transaction=True)

BACK_SECONDS = 12  # after the database is back, everything else is too
PAGE_SECONDS = 8  # how long a page may take to say that it cannot be shown
AT_ONCE = 6
OURS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'approvals'"


@pytest.fixture(params=[6.0, *(pytest.param(seconds, marks=pytest.mark.slow) for seconds in (34.0, 60.0))])
def seconds_away(request) -> float:
    """In 34 s because a pool that doubles its pauses would come back half a minute later."""
    return request.param


def test_away_the_pages_say_so_and_back_everything_goes_on(seconds_away, server, site, person, database):
    interrupt = waiting()
    socket = reach.Socket(site.url, person, seconds=90)
    assert socket.status == 101
    server.stop()
    began = time.monotonic()
    page, piece, health = Threads(
        [lambda: person.get("/inbox/"), lambda: answer(person, interrupt), lambda: person.get("/healthz")]
    ).run()
    assert time.monotonic() - began < PAGE_SECONDS
    assert_says_so(page)
    assert_says_so(piece)
    assert 'http-equiv="refresh"' in page.text
    assert "<html" not in piece.text
    assert health.status == 503
    threading.Event().wait(seconds_away - (time.monotonic() - began))
    server.start()
    took = seconds_until_all_works(person, database)
    print(f"\nPostgreSQL away for {seconds_away:g} s: back after {took:.1f} s")
    assert took < BACK_SECONDS
    assert not assert_answer_is_whole(interrupt)
    assert answer(person, interrupt).status == 200
    until(lambda: reload(interrupt.execution).status == "completed")
    assert kinds(interrupt.execution) == ONCE
    until(lambda: "inbox" in socket.hear().get("changed", []))
    socket.close()
    assert all(child.poll() is None for child in site.children.values())


def test_killed_under_answers_and_back_in_2_s_what_was_acknowledged_is_there(server, site, person, database):
    interrupts = [waiting() for _ in range(4 * AT_ONCE)]
    acknowledged, some = [], threading.Event()

    def answer_each(part):
        for interrupt in part:
            while (status := answer(person, interrupt).status) != 200:
                assert status == 503
            acknowledged.append(interrupt.pk)
            some.set()

    def kill_and_start():
        assert some.wait(20)
        server.kill()
        there = len(acknowledged)
        threading.Event().wait(2.0)
        server.start()
        return there

    people = [lambda part=interrupts[index::AT_ONCE]: answer_each(part) for index in range(AT_ONCE)]
    *_, before = results = Threads([*people, kill_and_start]).run()
    assert [result for result in results if isinstance(result, BaseException)] == []
    assert 0 < before < len(interrupts)
    database.close()
    for interrupt in interrupts:
        until(lambda i=interrupt: reload(i.execution).status == "completed")
        assert assert_answer_is_whole(interrupt)
        assert kinds(interrupt.execution) == ONCE


def test_no_connection_left_is_a_503_until_others_give_some_back(server, site, person, database):
    interrupt = waiting()
    database.close()
    others = taken_by_others(server)
    try:
        page, piece = Threads([lambda: person.get("/inbox/"), lambda: answer(person, interrupt)]).run()
        assert_says_so(page)
        assert_says_so(piece)
    finally:
        for other in others:
            other.close()
    took = seconds_until_all_works(person, database)
    print(f"\nno connections left: back after {took:.1f} s")
    assert took < BACK_SECONDS
    assert answer(person, interrupt).status == 200
    until(lambda: reload(interrupt.execution).status == "completed")
    assert kinds(interrupt.execution) == ONCE


def taken_by_others(server) -> list[psycopg.Connection]:
    """Every connection that the server allows; ours are cut off until none is left."""
    others = [server.connect()]
    while len(others) < MOST_CONNECTIONS or others[0].execute(OURS).rowcount:
        others[0].execute(f"SELECT pg_terminate_backend(pid) FROM ({OURS}) AS ours")
        with contextlib.suppress(psycopg.OperationalError):
            others.append(server.connect())
    return others
