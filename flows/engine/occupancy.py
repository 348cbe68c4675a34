"""How much is open in each branch of a join and in each sub flow, so that nobody has to search."""

from __future__ import annotations

from flows.engine.signals import Place

Spot = int | tuple[int, str]  # a sub flow's frame, or (join number, branch key)


class Occupancy:
    """Counts what stands in each spot: activations, interrupts, joins and sub flows.

    `emptied` are the spots that may have run empty; whoever settles an execution takes them from there.
    """

    __slots__ = ("_counts", "emptied")

    def __init__(self) -> None:
        self._counts: dict[Spot, int] = {}
        self.emptied: list[Spot] = []

    def enter(self, place: Place) -> None:
        """Something opens at `place`."""
        for spot in _spots(place):
            self._counts[spot] = self._counts.get(spot, 0) + 1

    def leave(self, place: Place) -> None:
        """Something at `place` has come to its end."""
        for spot in _spots(place):
            self._counts[spot] -= 1
            if not self._counts[spot]:
                del self._counts[spot]
                self.emptied.append(spot)

    def next_empty(self) -> Spot | None:
        """One of `emptied` in which nothing opened again; None when there is none left."""
        while self.emptied:
            spot = self.emptied.pop(0)
            if spot not in self._counts:
                return spot
        return None


def _spots(place: Place) -> list[Spot]:
    if place.scope is None:
        return [place.frame] if place.frame else []
    return [place.frame, place.scope] if place.frame else [place.scope]
