"""The table of one shape: its rows, and what became of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from flows.models import Interrupt, Response
from flows.services.bulk import Outcome, Result
from flows.web.bulk.columns import Cell, Column, cells_of
from flows.web.bulk.sent import SentRow
from flows.web.question import Said

BATCH = 50


@dataclass(frozen=True, slots=True)
class TableRow:
    """`result` is None until it was decided; `interrupt` is None for what this person may not see."""

    sent: SentRow
    interrupt: Interrupt | None
    cells: list[Cell]
    result: Result | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can be decided, or decided again."""
        return self.result is None or self.result.can_change

    @property
    def said(self) -> str:
        """What was decided, in a word or two."""
        response = self.result.response if self.result else None
        if not isinstance(response, Response):
            return gettext("Approved, waits for others")
        return Said.of(response.interrupt, response).verb.capitalize()

    @property
    def tone(self) -> str:
        response = self.result.response if self.result else None
        return Said.of(response.interrupt, response).tone if isinstance(response, Response) else "good"


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that are sent together."""

    number: int
    rows: list[TableRow]

    @property
    def is_open(self) -> bool:
        return any(row.is_open for row in self.rows)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How many rows came to what; `done` are the interrupts that were decided."""

    done: list[UUID]
    refused: int
    failed: int

    @classmethod
    def of(cls, results: Iterable[Result]) -> "Outcomes":
        listed = list(results)
        by = [result.outcome for result in listed]
        done = [result.interrupt_id for result in listed if result.outcome is Outcome.DONE]
        return cls(done, by.count(Outcome.REFUSED), by.count(Outcome.FAILED))


def batches_of(rows: list[TableRow]) -> list[Batch]:
    return [Batch(n, rows[start : start + BATCH]) for n, start in enumerate(range(0, len(rows), BATCH))]


def rows_of(
    sent: Iterable[SentRow],
    interrupts: dict[UUID, Interrupt],
    columns: list[Column],
    results: dict[UUID, Result] | None = None,
) -> list[TableRow]:
    told: dict[UUID, Any] = results or {}
    return [
        TableRow(row, found, cells_of(found, columns) if found else [], told.get(row.id))
        for row in sent
        for found in [interrupts.get(row.id)]
    ]
