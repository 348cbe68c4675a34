"""All executions that a worker holds, and what is to be done next with each."""

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from flows.worker.held import Held


class Holdings:
    """Only the dispatcher's thread changes it; the heartbeat reads `by_id`."""

    def __init__(self) -> None:
        self.by_id: dict[UUID, Held] = {}
        self.unsaved: dict[UUID, float] = {}  # running and ahead of the database, since when
        self.hungry: dict[UUID, Held] = {}  # could start a chunk if a slot were free
        self.to_read: set[UUID] = set()  # messages of these are to be fetched
        self.timed: dict[UUID, float] = {}  # when these have to be looked at without having heard anything
        self.to_settle: dict[UUID, Held] = {}  # something happened to these in this round

    def __len__(self) -> int:
        return len(self.by_id)

    def __iter__(self) -> Iterator[Held]:
        return iter(list(self.by_id.values()))

    def __contains__(self, id: UUID) -> bool:
        return id in self.by_id

    def has(self, held: Held) -> bool:
        """Whether this very one is still held, not let go nor claimed anew."""
        return self.by_id.get(held.id) is held

    def count_by_flow(self) -> Counter[tuple[str, str]]:
        """How many are held of each (queue, flow)."""
        return Counter((held.queue, held.flow) for held in self.by_id.values())

    @property
    def fresh(self) -> int:
        """How many wait for their first slot since they were claimed."""
        return sum(not held.has_begun for held in self.hungry.values())

    def hungriest(self) -> Held:
        """The one with the fewest chunks running of those that could start one; they take turns."""
        return min(self.hungry.values(), key=lambda held: held.running)

    def add(self, held: Held) -> None:
        """One that was just claimed."""
        self.by_id[held.id] = self.to_settle[held.id] = held

    def drop(self, held: Held) -> None:
        """Somebody else has it, or it is to be begun anew: what is here of it counts no longer."""
        held.end()
        self.forget(held)

    def forget(self, held: Held) -> None:
        """It has been let go."""
        for table in (self.by_id, self.unsaved, self.hungry, self.timed):
            table.pop(held.id, None)

    def sort(self, held: Held, now: float) -> None:
        """Remember what is to be done next with one that something happened to."""
        if not self.has(held):
            return
        self.timed.pop(held.id, None)
        if (instant := held.instant) is not None:
            self.timed[held.id] = instant
        if held.is_hungry:
            self.hungry[held.id] = held
        if held.unsaved:
            self.unsaved.setdefault(held.id, now)
