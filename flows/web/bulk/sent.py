"""What the form of a table sends: its rows, each with an exception or none, and how far it has got."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.utils.datastructures import MultiValueDict

from flows.services.bulk import MOST
from flows.web.bulk.columns import Column
from flows.web.listing import uuid_or_none

LEAVE = "leave"  # the exception that leaves a row out
OF_ROWS = ("row", "do.", "why.", "was", "batch", "left", "step", "csrfmiddlewaretoken")


@dataclass(frozen=True, slots=True)
class SentRow:
    """`own` is an action's id, LEAVE or "" for what is decided for all; `why` its own comment."""

    id: UUID
    digest: str
    own: str = ""
    why: str = ""

    @property
    def is_left_out(self) -> bool:
        return self.own == LEAVE


@dataclass(frozen=True, slots=True)
class SentTable:
    """`data` is all that came; `shape` is the key of the questions' shape."""

    data: MultiValueDict[str, str]
    shape: str
    request_id: str
    rows: list[SentRow]
    columns: list[Column]

    @classmethod
    def of(cls, data: MultiValueDict[str, str]) -> "SentTable":
        return cls(
            data,
            data.get("shape") or "",
            data.get("request_id") or uuid4().hex,
            list(rows_in(data))[:MOST],
            [column for text in data.getlist("column") if (column := column_in(text))],
        )

    @property
    def left(self) -> int:
        """How many rows are still to come after these."""
        text = self.data.get("left") or ""
        return min(MOST, int(text)) if text.isascii() and text.isdecimal() and len(text) < 9 else 0

    @property
    def in_common(self) -> list[tuple[str, str]]:
        """What was typed for all rows, to be sent again with each part of them."""
        return [
            (name, text)
            for name, texts in self.data.lists()
            if not name.startswith(OF_ROWS)
            for text in texts
        ]


def rows_in(data: MultiValueDict[str, str]) -> Iterator[SentRow]:
    """Each row once; what is none is left out."""
    seen: set[UUID] = set()
    for text in data.getlist("row"):
        name, _, digest = text.partition(":")
        id = uuid_or_none(name)
        if id is None or id in seen:
            continue
        seen.add(id)
        yield SentRow(id, digest, data.get(f"do.{id}") or "", (data.get(f"why.{id}") or "").strip())


def column_in(text: str) -> Column | None:
    try:
        parts: Any = json.loads(text)
    except ValueError:
        return None
    fits = isinstance(parts, list) and len(parts) == 3 and all(isinstance(part, str) for part in parts)
    return Column(*parts) if fits else None


def written(column: Column) -> str:
    return json.dumps([column.path, column.label, column.kind])
