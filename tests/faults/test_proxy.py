"""The proxy itself: each way to break a connection looks from both sides as it should."""

import socket
import threading

import pytest

from tests.faults.proxy import Cut, Mode, Proxy, Way

SHORT = 0.3  # how long silence is listened to


class Echo:
    """A server that keeps what it was sent and sends it back."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.got = b""
        self.ended = threading.Event()
        self.address = self.listener.getsockname()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=[peer], daemon=True).start()

    def _answer(self, peer: socket.socket) -> None:
        with peer:
            try:
                while data := peer.recv(100):
                    self.got += data
                    peer.sendall(data)
            except OSError:
                pass
            self.ended.set()


@pytest.fixture
def echo():
    echo = Echo()
    yield echo
    echo.listener.close()


@pytest.fixture
def proxy(echo):
    proxy = Proxy(echo.address)
    yield proxy
    proxy.close()


@pytest.fixture
def client(proxy):
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as client:
        yield client


def say(client: socket.socket, text: bytes) -> bytes:
    client.sendall(text)
    return client.recv(100)


def is_silent(client: socket.socket) -> bool:
    client.settimeout(SHORT)
    try:
        return client.recv(1) is None
    except TimeoutError:
        return True
    finally:
        client.settimeout(5)


def test_what_is_sent_comes_back(client):
    assert say(client, b"one") == b"one"
    assert say(client, b"two") == b"two"


def test_the_end_of_one_side_reaches_the_other(client, echo):
    say(client, b"one")
    client.shutdown(socket.SHUT_WR)
    assert client.recv(1) == b""
    assert echo.ended.wait(5)


def test_out_of_a_black_hole_everything_arrives_late(client, proxy, echo):
    say(client, b"one")
    proxy.become(Mode.BLACK_HOLE)
    client.sendall(b"two")
    assert is_silent(client)
    assert echo.got == b"one"
    proxy.become(Mode.PASS)
    assert client.recv(100) == b"two"


def test_a_half_open_connection_swallows_and_says_nothing(client, proxy, echo):
    say(client, b"one")
    proxy.become(Mode.HALF_OPEN)
    client.sendall(b"two")
    assert is_silent(client)
    assert (echo.got, echo.ended.is_set()) == (b"one", False)


def test_old_connections_can_be_half_open_while_new_ones_pass(client, proxy):
    say(client, b"one")
    proxy.become(Mode.HALF_OPEN, new=False)
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as other:
        assert say(other, b"new") == b"new"
    client.sendall(b"two")
    assert is_silent(client)


def test_a_reset_is_an_error_on_the_client_and_an_end_on_the_server(client, proxy, echo):
    say(client, b"one")
    proxy.become(Mode.RESET)
    with pytest.raises(ConnectionResetError):
        client.recv(1)
    assert echo.ended.wait(5)


@pytest.mark.parametrize(("way", "got"), [(Way.UP, b"1234"), (Way.DOWN, b"123456")])
def test_it_cuts_after_so_many_bytes_of_one_way(client, proxy, echo, way, got):
    say(client, b"12")
    cut = proxy.cut_at(Cut(way, after_bytes=4))
    client.sendall(b"3456")
    assert cut.done.wait(5)
    assert echo.ended.wait(5)
    assert echo.got == got
    assert proxy.links[-1].passed[way] == 4
    assert b"5" not in received(client)  # RST may overtake what was on its way


@pytest.mark.parametrize(("deliver", "got"), [(False, b"begin"), (True, b"beginCOMMIT")])
def test_it_cuts_at_a_word_before_or_after_the_server_has_it(client, proxy, echo, deliver, got):
    say(client, b"begin")
    cut = proxy.cut_at(Cut(Way.UP, needle=b"COMMIT", deliver=deliver))
    client.sendall(b"COMMIT")
    assert cut.done.wait(5)
    assert received(client) == b""
    assert echo.got == got


def test_a_delay_holds_back_and_keeps_the_order(client, proxy):
    proxy.delay_seconds = SHORT
    client.sendall(b"one")
    client.settimeout(SHORT / 2)
    with pytest.raises(TimeoutError):
        client.recv(1)
    client.settimeout(5)
    assert client.recv(100) == b"one"


def received(client: socket.socket) -> bytes:
    data = b""
    try:
        while more := client.recv(100):
            data += more
    except ConnectionResetError:
        pass
    return data
