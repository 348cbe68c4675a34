"""The orders of a list, each as ranges of indexes that are read one after the other."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flows.store.inbox.sql import SQL

NEWEST = ("created_at", "interrupt_id")
# How many entries a walk looks at: rows of one time lie together on disk, those of one due time do not.
FAR, SHORT = 8_000, 2_000


@dataclass(frozen=True, slots=True)
class Segment:
    """Entries that `condition` holds of, by these columns; all of them up or all of them down, as an index
    and a row comparison have it."""

    columns: tuple[str, ...]
    down: bool
    condition: str = ""

    @property
    def walk(self) -> int:
        return FAR if self.columns == NEWEST else SHORT

    def order(self, back: bool) -> str:
        direction = "DESC" if self.down != back else "ASC"
        return ", ".join(f"e.{column} {direction}" for column in self.columns)

    def beyond(self, cursor: "Cursor") -> SQL:
        """What comes after the cursor in this segment; before it, when it looks back."""
        columns = ", ".join(f"e.{column}" for column in self.columns)
        places = ", ".join(["%s"] * len(self.columns))
        sign = "<" if self.down != cursor.back else ">"
        return SQL(f"({columns}) {sign} ({places})", cursor.values(len(self.columns)))


# Conditions repeat those of the partial indexes, so that the planner knows it may use them.
HAS_DUE = Segment(("due_at", *NEWEST), False, "e.due_at IS NOT NULL")
ABOVE_NORMAL = Segment(("priority", *NEWEST), True, "e.priority <> 1 AND e.priority > 1")
ORDERS: dict[str, tuple[Segment, ...]] = {
    "newest": (Segment(NEWEST, True),),
    "oldest": (Segment(NEWEST, False),),
    "due": (HAS_DUE, Segment(NEWEST, True, "e.due_at IS NULL")),
    "priority": (
        ABOVE_NORMAL,
        Segment(NEWEST, True, "e.priority = 1"),
        Segment(("priority", *NEWEST), True, "e.priority <> 1 AND e.priority = 0"),
    ),
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: the sort values of the row beside it. `key` is its due time or its priority, in
    a segment that sorts by one."""

    segment: int
    key: datetime | int | None
    at: datetime
    id: UUID
    back: bool = False

    def values(self, count: int) -> tuple[Any, ...]:
        return (self.at, self.id) if count == len(NEWEST) else (self.key, self.at, self.id)

    def fits(self, order: str) -> bool:
        """Whether it can be a place in a list of that order."""
        segments = ORDERS[order]
        if self.segment >= len(segments):
            return False
        columns = segments[self.segment].columns
        wanted = {"due_at": datetime, "priority": int}.get(columns[0])
        return self.key is None if wanted is None else isinstance(self.key, wanted)
