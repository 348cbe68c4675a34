"""The socket that the web server listens on.

It is opened before anything else, so that a port in use is said before anything is
started. `serve` keeps it and hands it to each web process by number: while one web process
takes the place of another, browsers wait instead of being refused.
"""

import errno
import socket
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError

from django.conf import settings

LEAVING_SECONDS = 1.5  # the web process of a killed `serve` gives the port back within this time
BACKLOG = 1024


class PortUnavailable(Exception):
    """Nobody can listen there; the message is one sentence for the person who tried."""


def listen(host: str, port: int, *, patience_seconds: float = LEAVING_SECONDS) -> socket.socket:
    """A listening socket; waits a moment for a port that is being given back.

    Raises PortUnavailable.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            return _bound(host, port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise PortUnavailable(_sentence(host, port, error)) from error
        time.sleep(0.1)


def listen_or_exit(host: str, port: int) -> socket.socket:
    """A listening socket; without one, one sentence on stderr and exit code 2."""
    try:
        return listen(host, port)
    except PortUnavailable as error:
        print(error, file=sys.stderr)
        sys.exit(2)


def add_address_arguments(parser: ArgumentParser) -> None:
    """--bind and --port, with the settings as defaults."""
    parser.add_argument("--bind", default=settings.BIND, help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=_port, default=settings.PORT, help="port to listen on (%(default)s)")


def web_address(host: str, port: int) -> str:
    """What to type into a browser on this machine."""
    if host in ("", "0.0.0.0", "::", "127.0.0.1", "::1"):  # noqa: S104 - compared, not bound
        host = "localhost"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65536:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is not a port: give a number from 1 to 65535")


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host.strip("[]") or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _sentence(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use by another program; choose another one: make run PORT={port + 1}"
    if error.errno == errno.EACCES:
        return f"Port {port} needs rights that this user does not have; choose another: make run PORT=8000"
    return f"This machine cannot listen on {host} port {port}: {error.strerror or error}."
