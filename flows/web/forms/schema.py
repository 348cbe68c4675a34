"""What a JSON Schema says about the form it wants. Anything unclear is left to the JSON editor."""

import json
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_noop

Schema = dict[str, Any]
MAX_HOPS = 20
WORDS = ((True, gettext_noop("Yes")), (False, gettext_noop("No")), (None, gettext_noop("None")))
COMBINED = (
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "dependentSchemas",
    "dependentRequired",
    "patternProperties",
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of an enumeration; `token` is its JSON, which is what travels in the form."""

    token: str
    label: str


def resolve(schema: Any, root: Schema) -> Schema:
    """`schema` with local references followed and "X or null" unwrapped; {} when that leads nowhere."""
    for _ in range(MAX_HOPS):
        if not isinstance(schema, dict):
            return {}
        step = _hop(schema, root)
        if step is None:
            return schema
        schema = step
    return {}


def _hop(schema: Schema, root: Schema) -> Schema | None:
    rest = {k: v for k, v in schema.items() if k not in ("$ref", "anyOf", "type")}
    if "$ref" in schema:
        return {**target(schema["$ref"], root), **{k: v for k, v in schema.items() if k != "$ref"}}
    options = schema.get("anyOf")
    if isinstance(options, list) and len(options) == 2 and {"type": "null"} in options:
        other = next((o for o in options if o != {"type": "null"}), None)
        return {**other, **rest, "nullable": True} if isinstance(other, dict) else None
    kinds = schema.get("type")
    if isinstance(kinds, list) and len(kinds) == 2 and "null" in kinds and kinds != ["null", "null"]:
        kept = {k: v for k, v in schema.items() if k != "type"}
        return {**kept, "type": next(k for k in kinds if k != "null"), "nullable": True}
    return None


def target(reference: Any, root: Schema) -> Schema:
    """The schema that a local reference names; {} (anything goes) for every other reference."""
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return {}
    found: Any = root
    for part in reference[2:].split("/"):
        if not isinstance(found, dict):
            return {}
        found = found.get(part.replace("~1", "/").replace("~0", "~"))
    return found if isinstance(found, dict) else {}


def choices(schema: Schema) -> list[Choice] | None:
    """The values of an enumeration in their order; None when it is not one."""
    if isinstance(values := schema.get("enum"), list):
        return [Choice(json.dumps(v), label_of(v)) for v in values]
    if "const" in schema:
        return [Choice(json.dumps(schema["const"]), label_of(schema["const"]))]
    options = schema.get("oneOf")
    if isinstance(options, list) and options and all(isinstance(o, dict) and "const" in o for o in options):
        return [Choice(json.dumps(o["const"]), text(o, "title") or label_of(o["const"])) for o in options]
    return None


def label_of(value: Any) -> str:
    if isinstance(value, str):
        return value or gettext("(empty)")
    words = [gettext(word) for known, word in WORDS if value is known]
    return words[0] if words else json.dumps(value, ensure_ascii=False)


def text(schema: Schema, key: str) -> str:
    """The text under `key`, or "" when there is none."""
    value = schema.get(key)
    return value if isinstance(value, str) else ""


def hints(schema: Schema) -> Schema:
    """The `x-ui` object: widget, order, help, placeholder."""
    value = schema.get("x-ui")
    return value if isinstance(value, dict) else {}


def is_flat(schema: Schema, root: Schema) -> bool:
    """An object whose properties can each have a field of their own."""
    properties = schema.get("properties")
    if schema.get("type", "object") != "object" or not isinstance(properties, dict) or not properties:
        return False
    if any(word in schema for word in COMBINED):
        return False
    return set(required(schema)) <= properties.keys()


def required(schema: Schema) -> list[str]:
    names = schema.get("required")
    return [n for n in names if isinstance(n, str)] if isinstance(names, list) else []


def ordered(schema: Schema, root: Schema) -> list[tuple[str, Schema]]:
    """The properties in the order of `x-ui.order` (numbers on them, or a list of names on the object)."""
    pairs = [(name, resolve(sub, root)) for name, sub in schema["properties"].items()]
    listed = hints(schema).get("order")
    places = {name: n for n, name in enumerate(listed)} if isinstance(listed, list) and _texts(listed) else {}

    def place(pair: tuple[str, Schema]) -> float:
        own = hints(pair[1]).get("order")
        if isinstance(own, int | float):
            return own
        return places.get(pair[0], len(places))

    return sorted(pairs, key=place)


def _texts(values: list[Any]) -> bool:
    return all(isinstance(v, str) for v in values)


def spoken(name: str) -> str:
    """The name of a property as a label."""
    return name.replace("_", " ").strip().capitalize() or name
