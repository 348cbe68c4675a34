"""A piece of SQL with the parameters that belong to its placeholders."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SQL:
    text: str
    parameters: tuple[Any, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.text)

    def into(self, template: str) -> "SQL":
        """This in the place of `{}` in `template`, which has no parameters of its own."""
        return SQL(template.replace("{}", self.text), self.parameters)


def joined(separator: str, pieces: Iterable[SQL]) -> SQL:
    kept = [piece for piece in pieces if piece]
    parameters = tuple(value for piece in kept for value in piece.parameters)
    return SQL(separator.join(piece.text for piece in kept), parameters)


def written(template: str, *pieces: SQL) -> SQL:
    """`template` with each `{}` replaced by the piece in its place."""
    parts = template.split("{}")
    text = "".join(part + piece.text for part, piece in zip(parts, pieces, strict=False)) + parts[-1]
    return SQL(text, tuple(value for piece in pieces for value in piece.parameters))
