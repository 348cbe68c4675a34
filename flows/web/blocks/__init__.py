"""Evidence: `blocks` of a payload, each read into what its template shows.

A block that cannot be read is never a failure: it is shown as the JSON that it is, with a note.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from flows.web.blocks import code, diff, file, image, table, tree
from flows.web.blocks.block import BadBlock

READERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "diff": diff.read,
    "table": table.read,
    "code": code.read,
    "image": image.read,
    "file": file.read,
    "json": tree.read,
}


@dataclass(frozen=True, slots=True)
class Block:
    """`kind` names the template; `shown` is what it shows; `note` says why it is only a tree."""

    kind: str
    number: int
    title: str
    shown: Any
    note: str = ""

    @property
    def template(self) -> str:
        return f"blocks/_{self.kind}.html"


def blocks_of(value: Any) -> list[Block]:
    """The blocks of a payload in their order; anything but a list is one bad block."""
    listed = value if isinstance(value, list) else [value]
    return [block(item, number) for number, item in enumerate(listed)]


def block(item: Any, number: int) -> Block:
    title = item["title"] if isinstance(item, dict) and isinstance(item.get("title"), str) else ""
    try:
        if not isinstance(item, dict):
            raise BadBlock(gettext("This is not a block: a block is an object with a type."))
        reader = READERS.get(str(item.get("type")))
        if reader is None:
            raise BadBlock(
                gettext("There is no block of the type “%(type)s”.") % {"type": str(item.get("type"))[:40]}
            )
        return Block(str(item["type"]), number, title, reader(item))
    except BadBlock as bad:
        return Block("json", number, title, tree.tree(item), str(bad))
