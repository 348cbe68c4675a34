"""`{"type": "json", "value": …}`: any JSON as a tree, with its text for copying."""

import json
from dataclasses import dataclass
from typing import Any

from flows.web.blocks.block import BadBlock


@dataclass(frozen=True, slots=True)
class Tree:
    value: Any
    text: str


def read(item: dict[str, Any]) -> Tree:
    if "value" not in item:
        raise BadBlock("A block of the type json needs “value”.")
    return tree(item["value"])


def tree(value: Any) -> Tree:
    return Tree(value, json.dumps(value, indent=2, ensure_ascii=False))
