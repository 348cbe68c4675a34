"""PostgreSQL's clock, between two looks at it."""

import time

from flows.store import queue


class Clock:
    """The time lies between `earliest` and `latest`, in seconds since 1970.

    What must not come early is compared with `earliest`, what must not be too short begins at `latest`.
    The two are as far apart as one look takes.
    """

    def __init__(self) -> None:
        self._behind = self._ahead = 0.0
        self.look()

    def look(self) -> None:
        """Ask PostgreSQL; raises what a query raises."""
        asked = time.monotonic()
        said = queue.now()
        self._ahead, self._behind = said - asked, said - time.monotonic()

    def earliest(self) -> float:
        return time.monotonic() + self._behind

    def latest(self) -> float:
        return time.monotonic() + self._ahead
