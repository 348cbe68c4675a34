"""Named places where a process can be made to die, stall or fail. Inert unless a test orders it.

FLOWS_CRASH, from the environment variable CRASH, is "point:nth:action", several with commas between
them: at the nth time that the process comes to the point, it gets the signal SIGKILL or SIGSTOP, or
`Crash` is raised there. docs/reliability.md says where the points are.
"""

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

POINTS = frozenset(
    {
        # a worker: before and after each statement, and once its memory agrees
        "worker.start",
        "claim.before",
        "claim.after",
        "claim.known",
        "load.before",
        "load.after",
        "read.before",
        "read.after",
        "read.known",
        "run.before",
        "run.after",
        "commit.before",
        "commit.after",
        "commit.known",
        "commit.hinted",
        "timer.fired",
        "renew.before",
        "renew.after",
        "release.before",
        "release.after",
        "hint.heard",
        "shutdown.begin",
        "shutdown.end",
        # a service: before and after its statement, and between the commit and its hint
        *(
            f"{verb}.{place}"
            for verb in ("start", "answer", "undo", "emit", "retry", "cancel", "expire")
            for place in ("before", "written", "committed")
        ),
        # a chunk on a fleet: taken to be sent and sent by a worker; claimed there, run, its outcome brought
        "fleet.taken",
        "fleet.sent",
        "fleet.delivered",
        "fleet.claimed",
        "fleet.ran",
        "fleet.written",
        "fleet.brought",
        "vote.before",
        "vote.written",
        "vote.committed",
        "advance.before",
        "advance.written",
        "advance.committed",
        "tally.committed",
        "unvote.committed",
        "early.before",
        "early.kept",
        "early.taken",
    }
)
RAISE = "raise"
ACTIONS = ("SIGKILL", "SIGSTOP", RAISE)


class Crash(Exception):
    """What is raised at a point that is ordered to."""


class BadOrder(ValueError):
    """An order that names no point, no number from 1, or no action."""


@dataclass(frozen=True, slots=True)
class Order:
    """At the `nth` passage of `point`, counted from 1 in each process, do `action`."""

    point: str
    nth: int
    action: str


class Orders:
    """Counts the passages of every thread of this process, and obeys."""

    def __init__(self, orders: list[Order]) -> None:
        self._orders = orders
        self._passed: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, name: str) -> None:
        with self._lock:
            self._passed[name] += 1
            passage = (name, self._passed[name])
        for order in self._orders:
            if (order.point, order.nth) == passage:
                _obey(order)


_watcher: Callable[[str], None] | None = None


def point(name: str) -> None:
    """Here a test can end this process; `name` is in POINTS and used nowhere else."""
    if _watcher is not None:
        _watcher(name)


def after_commit(name: str) -> None:
    """A point between the commit of the transaction at hand and what else was to follow it."""
    if _watcher is not None:
        transaction.on_commit(lambda: point(name))


def watch(watcher: Callable[[str], None] | None) -> None:
    """Call `watcher` at every point of this process from now on; None: nobody."""
    global _watcher
    _watcher = watcher


def arm(text: str) -> None:
    """Obey these orders from now on, "" for none. Raises BadOrder, and changes nothing then."""
    orders = parsed(text)
    watch(Orders(orders) if orders else None)


def parsed(text: str) -> list[Order]:
    """The orders in a value of FLOWS_CRASH. Raises BadOrder, with a message for who wrote it."""
    return [_order(part.strip()) for part in text.split(",") if part.strip()]


def _order(text: str) -> Order:
    point, nth, action = [*text.split(":"), "", ""][:3]
    if text.count(":") != 2 or point not in POINTS:
        raise BadOrder(f"“{text}” names no crash point.")
    if not (nth.isascii() and nth.isdecimal() and int(nth)):
        raise BadOrder(f"“{text}” does not say at which passage, counted from 1.")
    if action not in ACTIONS:
        raise BadOrder(f"“{text}” orders none of {', '.join(ACTIONS)}.")
    return Order(point, int(nth), action)


def _obey(order: Order) -> None:
    if order.action == RAISE:
        raise Crash(f"{order.point}, passage {order.nth}")
    os.kill(os.getpid(), signal.Signals[order.action])
