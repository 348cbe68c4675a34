"""Keeps a few child processes running, and ends all of them with itself.

Each child has its own session, so that Ctrl-C reaches only the supervisor, which stops the
children in order. A pipe tells them when the supervisor was killed; see lifeline.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from approvals_site import lifeline

TICK_SECONDS = 0.2
SHORTEST_DELAY = 0.5
LONGEST_DELAY = 30.0
STEADY_SECONDS = 30.0  # a child that ran this long starts again without delay
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Child:
    """A Python command to keep running; `keep` are descriptors that it inherits, `env` is added to ours."""

    name: str
    command: Sequence[str]
    keep: tuple[int, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    delay: float = SHORTEST_DELAY

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def age(self) -> float:
        return time.monotonic() - self.started_at

    def start(self, pipe: int) -> None:
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-u", *self.command],
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **self.env, lifeline.VARIABLE: str(pipe)},
            pass_fds=[pipe, *self.keep],
        )

    def look(self, pipe: int, say: Callable[[str], None]) -> None:
        """Start the child again when it ended, later each time it does not last."""
        if self.is_running:
            if self.age > STEADY_SECONDS:
                self.delay = SHORTEST_DELAY
        elif self.process and self.age > self.delay:
            say(f"{self.name} ended with {self.process.returncode}, starting it again")
            self.delay = min(self.delay * 2, LONGEST_DELAY)
            self.start(pipe)

    def signal(self, number: signal.Signals) -> None:
        if self.process and self.is_running:
            self.process.send_signal(number)


@dataclass
class Supervisor:
    """Runs `children` until it is told to stop; `every_tick` is called several times a second."""

    children: Sequence[Child]
    say: Callable[[str], None]
    every_tick: Callable[[], None]
    grace_seconds: float
    stopping: threading.Event = field(default_factory=threading.Event)

    def stop_on_signals(self) -> None:
        """From now on Ctrl-C, SIGTERM and a closed terminal end run() in order."""
        for number in STOP_SIGNALS:
            signal.signal(number, lambda *_: self.stopping.set())

    def run(self) -> None:
        """Returns when all children have ended."""
        reading, writing = os.pipe()
        try:
            for child in self.children:
                child.start(reading)
            while not self.stopping.wait(TICK_SECONDS):
                self.every_tick()
                for child in self.children:
                    child.look(reading, self.say)
        finally:
            self._stop()
            os.close(reading)
            os.close(writing)

    def _stop(self) -> None:
        """SIGTERM and time to finish, then SIGKILL; a second Ctrl-C kills at once."""
        for number in STOP_SIGNALS:
            signal.signal(number, lambda *_: self._signal(signal.SIGKILL))
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + self.grace_seconds
        for child in self.children:
            self._await(child, deadline)

    def _signal(self, number: signal.Signals) -> None:
        for child in self.children:
            child.signal(number)

    def _await(self, child: Child, deadline: float) -> None:
        if not child.process:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0.0, deadline - time.monotonic()))
        if child.is_running:
            self.say(f"{child.name} did not stop within {self.grace_seconds:g} seconds, killing it")
            child.signal(signal.SIGKILL)
            child.process.wait()
