"""One rule about rows, and what is said when it does not hold."""

from dataclasses import dataclass
from typing import Literal

Subject = Literal["execution", "interrupt", "response", "vote", "event", "message"]


@dataclass(frozen=True, slots=True)
class Invariant:
    """`query` finds the ids of what breaks it, of the table of `subject`.

    `testifies` marks those by which other rows bear witness to an event: they find what a hash chain
    cannot, a history that was cut off. They can be asked about one execution: see `of_one`.
    """

    name: str
    meaning: str
    subject: Subject
    query: str
    testifies: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that does not hold: how often, and the ids of at most five examples."""

    name: str
    meaning: str
    subject: Subject
    count: int
    examples: tuple[str, ...]


def of_one(column: str) -> str:
    """A condition for the execution that is asked about; true when all are."""
    return f"(%(execution)s::uuid IS NULL OR {column} = %(execution)s)"
