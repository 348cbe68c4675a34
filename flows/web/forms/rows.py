"""Lists of flat objects: rows of fields that are added and removed by buttons of the form itself.

Each row has an id of its own for as long as the form is open, in the hidden field "<list>.row": what was
typed into the others stays theirs when one goes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from flows.web.forms.schema import Schema, is_flat, resolve

MAX_ROWS = 100
MAX_COLUMNS = 12
ADD, REMOVE = "add", "remove"
OPERATION = "rows"  # the name of the buttons that add and remove
EMPTY: tuple[Any, ...] = (None, "", [], False, ("", None), (None, None))

Path = tuple[str | int, ...]


@dataclass
class Row:
    """`names` are its fields by property."""

    id: int
    names: dict[str, str] = field(default_factory=dict)


@dataclass
class Rows:
    """A list in a form; its errors stand at the field `name`, which has no control."""

    name: str
    path: Path
    title: str
    help: str
    needed: bool
    rows: list[Row] = field(default_factory=list)
    most: int = MAX_ROWS

    @property
    def is_full(self) -> bool:
        return len(self.rows) >= self.most


def item_of(schema: Schema, root: Schema) -> Schema | None:
    """The entries of a list whose entries are flat objects; None for any other schema."""
    if schema.get("type") != "array" or "prefixItems" in schema:
        return None
    item = resolve(schema.get("items"), root)
    fits = "type" in item and is_flat(item, root) and len(item["properties"]) <= MAX_COLUMNS
    return item if fits else None


def most_of(schema: Schema) -> int:
    most = schema.get("maxItems")
    return min(most, MAX_ROWS) if isinstance(most, int) and most >= 0 else MAX_ROWS


def least_of(schema: Schema, *, needed: bool) -> int:
    """How many empty rows a fresh form begins with."""
    least = schema.get("minItems")
    return min(least, MAX_ROWS) if isinstance(least, int) and least > 0 else int(needed)


def ids_in(data: Any, name: str) -> list[int]:
    """The rows that a form was sent with, in their order; at most one more than there may be."""
    given = data.getlist(f"{name}.row") if isinstance(data, MultiValueDict) else []
    ids = [int(text) for text in given if text.isascii() and text.isdecimal() and len(text) < 7]
    return list(dict.fromkeys(ids))[: MAX_ROWS + 1]


def edited(data: QueryDict) -> tuple[QueryDict, int | None]:
    """What was sent, with one row more or less as its button says, and the id of the new row."""
    operation, _, rest = data.get(OPERATION, "").partition(":")
    changed = data.copy()
    if operation == ADD:
        ids = ids_in(data, rest)
        new = max(ids, default=-1) + 1
        changed.setlist(f"{rest}.row", [str(id) for id in [*ids, new]])
        return changed, new
    name, _, gone = rest.rpartition(":")
    changed.setlist(f"{name}.row", [str(id) for id in ids_in(data, name) if str(id) != gone])
    return changed, None


def filled_in(row: Row, form: Any) -> bool:
    """Whether anything at all was said in this row."""
    return any(value not in EMPTY for value in _raw(row, form))


def _raw(row: Row, form: Any) -> Iterator[Any]:
    for name in row.names.values():
        yield form.fields[name].widget.value_from_datadict(form.data, form.files, name)
