"""JSON Schema from what authors have at hand."""

import dataclasses
import re
import types
import typing
from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

from flows.engine.canonical import canonical_json

SCALARS: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    type(None): {"type": "null"},
    Any: {},
}


def json_schema(source: Mapping[str, Any] | type | None) -> dict[str, Any] | None:
    """JSON Schema 2020-12 of a schema object, a Pydantic model or a dataclass; None stays None.

    Raises TypeError for anything else, NotJSON for a schema that is not JSON.
    """
    if source is None:
        return None
    if isinstance(source, Mapping):
        return typing.cast(dict[str, Any], canonical_json(dict(source)))
    if hasattr(source, "model_json_schema"):
        return typing.cast(dict[str, Any], canonical_json(source.model_json_schema()))
    if dataclasses.is_dataclass(source):
        return _of_dataclass(source)
    raise TypeError(f"A schema is a dict, a Pydantic model or a dataclass, not {source!r}.")


def _of_dataclass(source: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(source)
    properties, required = {}, []
    for field in dataclasses.fields(source):
        properties[field.name] = _of_type(hints[field.name])
        if field.default is not dataclasses.MISSING:
            properties[field.name]["default"] = canonical_json(field.default)
        elif field.default_factory is dataclasses.MISSING:
            required.append(field.name)
    title = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", source.__name__)
    return {"title": title, "type": "object", "properties": properties, "required": required}


def _of_type(hint: Any) -> dict[str, Any]:
    if hint in SCALARS:
        return dict(SCALARS[hint])
    if dataclasses.is_dataclass(hint):
        return _of_dataclass(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [canonical_json(member.value) for member in hint]}
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is list:
        return {"type": "array", "items": _of_type(arguments[0])}
    if origin is typing.Literal:
        return {"enum": [canonical_json(argument) for argument in arguments]}
    if origin in (typing.Union, types.UnionType):
        return {"anyOf": [_of_type(argument) for argument in arguments]}
    raise TypeError(f"No JSON Schema for the type {hint!r}: write the schema as a dict.")
