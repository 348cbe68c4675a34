"""The threads that run chunks: each with an event loop and a database connection of its own."""

import asyncio
import contextvars
import queue
import threading
from dataclasses import dataclass

from django.db import close_old_connections, connections

from flows import engine
from flows.services import questions
from flows.store import crash
from flows.worker.held import Held
from flows.worker.inbox import Finished, Inbox


@dataclass(frozen=True, slots=True)
class Job:
    held: Held
    activation: engine.Activation


class Slots:
    """At most `size` chunks at once; threads start when they are first needed."""

    def __init__(self, size: int, inbox: Inbox) -> None:
        self.size, self.busy = size, 0
        self._inbox = inbox
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    @property
    def free(self) -> int:
        return self.size - self.busy

    def run(self, held: Held, activation: engine.Activation) -> None:
        """Run it as soon as a thread is free, and put a Finished into the inbox."""
        self.busy += 1
        if self.busy > len(self._threads):
            self._start_thread()
        self._jobs.put(Job(held, activation))

    def freed(self) -> None:
        """One Finished was taken from the inbox."""
        self.busy -= 1

    def stop(self) -> None:
        """Let each thread end after what it runs now."""
        for _ in self._threads:
            self._jobs.put(None)

    def join(self) -> None:
        """Wait for the threads; only after `stop`, and only while no chunk hangs."""
        for thread in self._threads:
            thread.join()

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._work, name=f"slot-{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        try:
            with asyncio.Runner() as runner:
                while job := self._jobs.get():
                    assert job.held.core is not None
                    outcome = perform(runner, job.held.core, job.activation)
                    self._inbox.put(Finished(job.held, job.activation, outcome))
        finally:
            connections.close_all()


def perform(runner: asyncio.Runner, core: engine.Core, activation: engine.Activation) -> engine.Outcome:
    """What the activation's chunk did, in this thread; whatever it raises is in the outcome."""
    close_old_connections()
    try:
        crash.point("run.before")
        outcome = runner.run(engine.run(core, activation, HOST), context=contextvars.copy_context())
        crash.point("run.after")
        return outcome
    except BaseException as error:  # whatever a chunk raises, its thread goes on
        return engine.Outcome(error=engine.ChunkEnded(activation.step, error))
    finally:
        close_old_connections()


HOST = engine.Host(check_pause=questions.check)
