"""22. No unbounded wait: pages, sockets and services whose connections say nothing any more."""

import time

import pytest
from django.db import OperationalError

from flows.services import executions
from tests.durable import Threads, until
from tests.faults import reach
from tests.faults.proxy import Mode

pytestmark = pytest.mark.django_db(transaction=True)

PAGE_SECONDS = 8
SOCKET_SECONDS = 25  # its line is proved every 5 s, and given up and opened again after that


@pytest.mark.parametrize("mode", reach.SILENT)
def test_pages_and_sockets_whose_connections_fall_silent_come_back(mode, proxy, proxied_site, fiona):
    person = reach.Person(proxied_site.url, fiona)
    socket = reach.Socket(proxied_site.url, person, seconds=SOCKET_SECONDS)
    assert socket.hear()  # its LISTEN is there
    assert Threads([lambda: person.get("/inbox/").status] * 4).run() == [200] * 4
    proxy.become(mode, new=False)
    before = time.monotonic()
    first = person.get("/inbox/").status
    assert time.monotonic() - before < PAGE_SECONDS
    print(f"\n{mode.name}: the first page after {time.monotonic() - before:.1f} s with {first}")
    assert first in (200, 503)
    until(lambda: person.get("/inbox/").status == 200)
    executions.start(flow="ask", input={})
    until(lambda: "inbox" in socket.hear()["changed"])
    print(f"the socket heard again after {time.monotonic() - before:.1f} s")
    socket.close()


def test_a_service_whose_connection_falls_silent_raises_within_its_patience(proxy):
    with reach.by(reach.url_through(proxy.port)) as connection:
        connection.settings_dict["OPTIONS"] |= {"patience": 1.0, "connect_timeout": 2}
        executions.start(flow="ask", input={})
        proxy.become(Mode.BLACK_HOLE)
        before = time.monotonic()
        with pytest.raises(OperationalError):
            executions.start(flow="ask", input={})
        assert time.monotonic() - before < 6  # one answer, and one try to connect again
