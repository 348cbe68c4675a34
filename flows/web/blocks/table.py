"""`{"type": "table", "columns": […], "rows": […]}`.

A column is its label, or `{"key", "label", "kind"}` with the kinds of facts; a row is a list, or an
object by the keys of the columns. Without columns they come from the rows.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from flows.web.blocks.block import BadBlock, word_in

NUMERIC = ("money", "number", "percent")
MOST_COLUMNS = 200
MOST_CELLS = 20_000


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    label: str
    kind: str
    currency: str = ""

    @property
    def css(self) -> str:
        return "end" if self.kind in NUMERIC else ""


@dataclass(frozen=True, slots=True)
class Cell:
    """`fact` is the cell as the facts of a payload are written."""

    fact: dict[str, Any]
    css: str


@dataclass(frozen=True, slots=True)
class Table:
    columns: list[Column]
    rows: list[list[Cell]]
    caption: str


def read(item: dict[str, Any]) -> Table:
    rows = item.get("rows")
    if not isinstance(rows, list) or not all(isinstance(row, dict | list) for row in rows):
        raise BadBlock(gettext("A block of the type table needs “rows”, a list of lists or of objects."))
    columns = columns_of(item.get("columns"), rows)
    if len(columns) > MOST_COLUMNS or len(columns) * len(rows) > MOST_CELLS:
        raise BadBlock(gettext("This table is too large to be drawn."))
    drawn = [[cell(column, value_in(row, column, n)) for n, column in enumerate(columns)] for row in rows]
    return Table(columns, drawn, word_in(item, "caption"))


def columns_of(given: Any, rows: list[Any]) -> list[Column]:
    if given is None:
        keys = dict.fromkeys(key for row in rows if isinstance(row, dict) for key in row)
        widest = max((len(row) for row in rows if isinstance(row, list)), default=0)
        return [Column(key, key, "") for key in keys] or [Column("", "", "") for _ in range(widest)]
    if not isinstance(given, list) or not all(isinstance(column, str | dict) for column in given):
        raise BadBlock(
            gettext("The “columns” of a table are a list of labels or of objects with key, label and kind.")
        )
    return [column_of(column) for column in given]


def column_of(given: Any) -> Column:
    if isinstance(given, str):
        return Column(given, given, "")
    key = word_in(given, "key") or word_in(given, "label")
    return Column(key, word_in(given, "label") or key, word_in(given, "kind"), word_in(given, "currency"))


def value_in(row: Any, column: Column, number: int) -> Any:
    if isinstance(row, dict):
        return row.get(column.key)
    return row[number] if number < len(row) else None


def cell(column: Column, value: Any) -> Cell:
    counts = isinstance(value, int | float) and not isinstance(value, bool)
    fact = {"value": value, "kind": column.kind, "currency": column.currency}
    return Cell(fact, column.css or ("end" if counts else ""))
