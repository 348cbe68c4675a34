"""PostgreSQL's clock, between two looks at it."""

import time

from flows.store import queue


class Clock:
    """The time lies between `earliest` and `latest`, in seconds since 1970.

    What must not come early is compared with `earliest`, what must not be too short begins at `latest`.
    The two are as far apart as one look takes. The first question looks by itself.
    """

    def __init__(self) -> None:
        self._behind = self._ahead = 0.0
        self._has_looked = False

    def look(self) -> None:
        """Ask PostgreSQL; raises what a query raises."""
        asked = time.monotonic()
        said = queue.now()
        self._ahead, self._behind = said - asked, said - time.monotonic()
        self._has_looked = True

    def earliest(self) -> float:
        self._look_once()
        return time.monotonic() + self._behind

    def latest(self) -> float:
        self._look_once()
        return time.monotonic() + self._ahead

    def _look_once(self) -> None:
        if not self._has_looked:
            self.look()
