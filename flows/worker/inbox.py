"""What other threads tell the dispatcher, in one queue: nothing can be missed between two looks."""

import queue
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from flows import engine
from flows.worker.held import Held


@dataclass(frozen=True, slots=True)
class Finished:
    """A chunk has returned or raised."""

    held: Held
    activation: engine.Activation
    outcome: engine.Outcome


@dataclass(frozen=True, slots=True)
class Lost:
    """The lease of an execution was gone when it was to be renewed; `epoch` is what it was held under."""

    id: UUID
    epoch: int


@dataclass(frozen=True, slots=True)
class Look:
    """There may be work, or a reason to stop."""


Item = Finished | Lost | Look


class Inbox:
    """Any thread may `put`; the dispatcher alone takes."""

    def __init__(self) -> None:
        self._items: queue.SimpleQueue[Item] = queue.SimpleQueue()

    def put(self, item: Item) -> None:
        """Safe in a signal handler too."""
        self._items.put(item)

    def take_all(self, timeout: float) -> Iterator[Item]:
        """Everything that is there; waits at most `timeout` seconds for a first one."""
        try:
            yield self._items.get(timeout=timeout) if timeout > 0 else self._items.get_nowait()
            while True:
                yield self._items.get_nowait()
        except queue.Empty:
            return
