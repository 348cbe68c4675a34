"""1. An acknowledged answer is never lost, and one that was cut off is there whole or not at all.

Whoever gets no answer repeats the request under its own id: the first result, or the first time.
"""

import pytest
from django.db import Error

from flows.models import Response
from flows.services import interrupts
from tests.durable import ask, until, work
from tests.faults import reach
from tests.faults.proxy import Cut, Way
from tests.faults.whole import ONCE, assert_answer_is_whole, kinds

pytestmark = pytest.mark.django_db(transaction=True)

REQUEST_ID = "my first try"
YES = {"approved": True}
FIND, LOCK, WRITE, COMMIT, HINT = (
    b'FROM flows_interrupt WHERE "id"',
    b"SELECT FROM flows_execution",
    b"INSERT INTO flows_response",
    b"COMMIT",
    b"pg_notify",
)
POINTS = 12  # at which the bytes of one answer are cut, each way


def decide(interrupt, by):
    return interrupts.decide(interrupt_id=interrupt.pk, answer=YES, by=by, request_id=REQUEST_ID)


def tried(proxy, interrupt, by, cut: Cut):
    """What came of an answer on a connection that is cut; None when that was an error."""
    with reach.by(reach.url_through(proxy.port)) as connection:
        connection.ensure_connection()
        proxy.cut_at(cut)
        try:
            return decide(interrupt, by)
        except Error:
            return None
        finally:
            proxy.cut = None


@pytest.mark.parametrize("deliver", [False, True])
@pytest.mark.parametrize("needle", [FIND, LOCK, WRITE, COMMIT, HINT])
def test_cut_at_any_statement_and_repeated_it_is_taken_once(needle, deliver, proxy, fiona):
    interrupt = ask()
    cut = Cut(Way.UP, needle=needle, deliver=deliver)
    response = tried(proxy, interrupt, fiona, cut)
    assert cut.done.is_set()
    assert (response is not None) == (needle == HINT)  # only after the commit it is acknowledged
    committed = needle == HINT or (needle == COMMIT and deliver)
    until(lambda: assert_answer_is_whole(interrupt) == committed)
    again = decide(interrupt, fiona)
    assert response is None or again.pk == response.pk
    assert Response.objects.count() == 1
    work()
    assert kinds(interrupt.execution) == ONCE


@pytest.mark.parametrize("deliver", [False, True])
def test_an_answer_of_code_is_one_statement_that_commits_itself(deliver, proxy):
    interrupt = ask()
    cut = Cut(Way.UP, needle=REQUEST_ID.encode(), deliver=deliver)
    assert tried(proxy, interrupt, None, cut) is None
    until(lambda: assert_answer_is_whole(interrupt) == deliver)
    assert decide(interrupt, None).interrupt_id == interrupt.pk
    work()
    assert kinds(interrupt.execution) == ONCE


@pytest.mark.parametrize("way", list(Way))
def test_cut_after_any_number_of_bytes_and_repeated_it_is_taken_once(way, proxy, fiona):
    tried(proxy, ask(), fiona, Cut(way, after_bytes=10**9))
    most = proxy.links[-1].passed[way]
    acknowledged = 0
    for point in range(1, POINTS + 1):
        interrupt = ask()
        response = tried(proxy, interrupt, fiona, Cut(way, after_bytes=most * point // POINTS))
        if response is not None:
            assert assert_answer_is_whole(interrupt)
            acknowledged += 1
        assert decide(interrupt, fiona).interrupt_id == interrupt.pk
        assert assert_answer_is_whole(interrupt)
        work()
        assert kinds(interrupt.execution) == ONCE
    assert POINTS - acknowledged > 0


@pytest.mark.parametrize("deliver", [False, True])
def test_over_http_a_cut_commit_is_a_503_and_the_same_form_again_is_taken_once(
    deliver, proxy, proxied_site, fiona
):
    proxied_site.kill_worker()
    interrupt = ask()
    person = reach.Person(proxied_site.url, fiona)
    form = {"decision": "approve", "comment": "yes", "request_id": REQUEST_ID, "digest": interrupt.digest}
    path = f"/inbox/{interrupt.pk}/answer/"
    cut = proxy.cut_at(Cut(Way.UP, needle=b"COMMIT", deliver=deliver))
    refused = person.post(path, form, **reach.HTMX)
    assert cut.done.is_set()
    proxy.cut_at(None)
    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
    until(lambda: assert_answer_is_whole(interrupt) == deliver)
    assert person.post(path, form, **reach.HTMX).status == 200
    assert Response.objects.get().value["comment"] == "yes"
    work()
    assert kinds(interrupt.execution) == ONCE
