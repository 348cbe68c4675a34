"""A TCP proxy in front of PostgreSQL that breaks connections in the ways a network does.

Two threads a connection. What was set for existing links and what new ones get are apart, so
that a test can leave one old connection half open while the database answers everybody else.
"""

import contextlib
import enum
import socket
import struct
import threading
from dataclasses import dataclass, field

RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER of no seconds: close() sends RST
CHUNK = 65_536


class Mode(enum.Enum):
    PASS = "pass"
    BLACK_HOLE = "reads nothing and forwards nothing; what was sent arrives when it passes again"
    HALF_OPEN = "reads everything and drops it, and closes nothing: the other side is gone for good"
    RESET = "breaks off with RST, and refuses new connections in the same way"


class Way(enum.Enum):
    UP = "from the client to the server"
    DOWN = "from the server to the client"


@dataclass
class Cut:
    """Break the link when `after_bytes` have passed on this way, or at what holds the `needle`.

    Of that nothing is forwarded; with `deliver` the server gets the client's needle, and the link
    breaks when its answer comes, which the client never sees. A cut happens once, on one link.
    """

    way: Way
    after_bytes: int = 0
    needle: bytes = b""
    deliver: bool = False
    done: threading.Event = field(default_factory=threading.Event)


class Link:
    """One client's connection and the one to the server that belongs to it."""

    def __init__(self, proxy: "Proxy", client: socket.socket, server: socket.socket) -> None:
        self.proxy, self.client, self.server = proxy, client, server
        self.mode, self.cut = proxy.mode_of_new, proxy.cut
        self.passed = {Way.UP: 0, Way.DOWN: 0}
        self.broken = False
        self._cut_at_answer = False
        self._changed = threading.Condition()

    def start(self) -> None:
        for way in Way:
            threading.Thread(target=self._pump, args=[way], daemon=True, name=f"proxy {way.name}").start()

    def become(self, mode: Mode) -> None:
        with self._changed:
            self.mode = mode
            self._changed.notify_all()
        if mode is Mode.RESET:
            self.abort()

    def abort(self) -> None:
        """RST to both sides."""
        with self._changed:
            self.broken = True
            self._changed.notify_all()
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                if end.family is not socket.AF_UNIX:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
                end.shutdown(socket.SHUT_RD)  # wakes the thread that reads
            end.close()

    def _pump(self, way: Way) -> None:
        source, target = (self.client, self.server) if way is Way.UP else (self.server, self.client)
        with contextlib.suppress(OSError):
            while self._may_read() and (data := source.recv(CHUNK)):
                self._forward(way, data, target)
            if self._may_read() and self.mode is Mode.PASS:
                target.shutdown(socket.SHUT_WR)
                return
        if self.mode is Mode.PASS:
            self.abort()

    def _may_read(self) -> bool:
        """Wait while nothing is to be read; False when the link is broken."""
        with self._changed:
            self._changed.wait_for(lambda: self.broken or self.mode is not Mode.BLACK_HOLE)
            return not self.broken

    def _forward(self, way: Way, data: bytes, target: socket.socket) -> None:
        if self.proxy.delay_seconds:
            threading.Event().wait(self.proxy.delay_seconds)
        if not self._may_read() or self.mode is Mode.HALF_OPEN:
            return
        data, breaks = self._up_to_the_cut(way, data)
        target.sendall(data)
        self.passed[way] += len(data)
        if breaks and self.cut is not None:
            self.cut.done.set()
            self.abort()

    def _up_to_the_cut(self, way: Way, data: bytes) -> tuple[bytes, bool]:
        """What may still pass, and whether the link ends with it."""
        cut = self.cut
        if self._cut_at_answer and way is Way.DOWN:
            return b"", True
        if cut is None or cut.way is not way:
            return data, False
        if cut.needle:
            if cut.needle not in data or cut.done.is_set():
                return data, False
            self._cut_at_answer = cut.deliver
            return (data, False) if cut.deliver else (b"", True)
        left = cut.after_bytes - self.passed[way]
        return (data, False) if len(data) < left else (data[:left], True)


class Proxy:
    """Listens on `port` of this machine and forwards to `target`, a path or (host, port)."""

    def __init__(self, target: str | tuple[str, int]) -> None:
        self.target = target
        self.mode_of_new = Mode.PASS
        self.delay_seconds = 0.0
        self.cut: Cut | None = None
        self.links: list[Link] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, daemon=True, name="proxy")
        self._acceptor.start()

    def become(self, mode: Mode, *, existing: bool = True, new: bool = True) -> None:
        if new:
            self.mode_of_new = mode
        if existing:
            for link in list(self.links):
                link.become(mode)

    def cut_at(self, cut: Cut, *, existing: bool = True) -> Cut:
        """From now on; bytes count from the beginning of each link."""
        self.cut = cut
        for link in list(self.links) if existing else []:
            link.cut = cut
        return cut

    def heal(self) -> None:
        """Break what is there, and let everything new pass."""
        self.cut, self.delay_seconds = None, 0.0
        self.become(Mode.PASS, existing=False)
        self.become(Mode.RESET, new=False)

    def close(self) -> None:
        self._listener.close()
        self.become(Mode.RESET)
        self._acceptor.join(5)

    def _accept(self) -> None:
        self._listener.settimeout(0.1)  # a closed listener does not wake who waits for it
        while self._listener.fileno() != -1:
            with contextlib.suppress(OSError):
                client, _ = self._listener.accept()
                client.setblocking(True)
                self._take(client)

    def _take(self, client: socket.socket) -> None:
        if self.mode_of_new is Mode.RESET:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            client.close()
            return
        try:
            link = Link(self, client, self._connected())
        except OSError:
            client.close()
            return
        self.links = [known for known in self.links if not known.broken] + [link]
        link.start()

    def _connected(self) -> socket.socket:
        if isinstance(self.target, tuple):
            return socket.create_connection(self.target)
        server = socket.socket(socket.AF_UNIX)
        server.connect(self.target)
        return server
