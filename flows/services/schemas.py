"""JSON Schema 2020-12 as the judge of answers and inputs, bounded in time whatever the schema says.

`pattern` runs on a regular expression engine that is linear in its input, `uniqueItems` compares
canonical texts, references never leave the schema. What cannot be judged in bounded time is a
mistake in the schema and is said where the schema is given (`mistake_in`).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext, gettext_noop
from jsonschema import Draft202012Validator, FormatChecker, SchemaError, ValidationError, validators
from pydantic_core import SchemaError as PatternError
from pydantic_core import SchemaValidator
from pydantic_core.core_schema import str_schema
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from flows.services.errors import Problem

MAX_PROBLEMS = 20
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20\x7f]+")
NAMES = {
    "string": gettext_noop("text"),
    "number": gettext_noop("a number"),
    "integer": gettext_noop("a whole number"),
    "boolean": gettext_noop("true or false"),
    "array": gettext_noop("a list"),
    "object": gettext_noop("an object"),
    "null": gettext_noop("nothing"),
}
SENTENCES = {
    "const": gettext_noop("Must be %(wanted)s."),
    "format": gettext_noop("Is not a valid %(wanted)s."),
    "pattern": gettext_noop("Does not have the form that is asked for."),
    "minLength": gettext_noop("Must have at least %(wanted)s characters."),
    "maxLength": gettext_noop("Must have at most %(wanted)s characters."),
    "minimum": gettext_noop("Must be at least %(wanted)s."),
    "maximum": gettext_noop("Must be at most %(wanted)s."),
    "exclusiveMinimum": gettext_noop("Must be more than %(wanted)s."),
    "exclusiveMaximum": gettext_noop("Must be less than %(wanted)s."),
    "minItems": gettext_noop("Must have at least %(wanted)s items."),
    "maxItems": gettext_noop("Must have at most %(wanted)s items."),
}


def problems_of(instance: Any, schema: Any) -> list[Problem]:
    """What is wrong with `instance` (plain JSON), at most 20 problems; [] when it fits."""
    try:
        errors = list(_first(_validator(schema).iter_errors(instance)))
    except (Unresolvable, PatternError, RecursionError) as error:
        return [Problem((), gettext("The schema of this cannot be used: %(why)s") % {"why": _reason(error)})]
    return sorted({_problem(error) for error in errors}, key=lambda problem: [str(p) for p in problem.path])


def mistake_in(schema: Any) -> str | None:
    """Why `schema` cannot judge anything, as one sentence; None when it is sound."""
    try:
        Draft202012Validator.check_schema(schema)
        for pattern in _patterns(schema):
            _matcher(pattern)
        for reference in _references(schema):
            _resolver(schema).lookup(reference)
        list(_first(_validator(schema).iter_errors(None)))
    except SchemaError as error:
        return f"{error.json_path}: {error.message}"
    except (Unresolvable, PatternError, RecursionError) as error:
        return _reason(error)
    return None


def same_json(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON; unlike ==, 1, 1.0 and true are three values."""
    return _text(one) == _text(other)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


FORMATS = FormatChecker()
FORMATS.checkers = dict(Draft202012Validator.FORMAT_CHECKER.checkers)


@FORMATS.checks("uri")  # type: ignore[untyped-decorator]
def _is_uri(value: Any) -> bool:
    """A scheme and something after it, of the characters that RFC 3986 lets stand in an address."""
    return not isinstance(value, str) or URI.fullmatch(value) is not None


def _validator(schema: Any) -> Any:
    return Judge(schema, format_checker=FORMATS, registry=Registry())


def _first(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    for count, error in enumerate(errors):
        if count == MAX_PROBLEMS:
            return
        yield error


@lru_cache(maxsize=512)
def _matcher(pattern: str) -> SchemaValidator:
    return SchemaValidator(str_schema(pattern=pattern))


def _matches(pattern: str, text: str) -> bool:
    return bool(_matcher(pattern).isinstance_python(text))


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _matches(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any, patterns: Mapping[str, Any], instance: Any, schema: Any
) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    for pattern, subschema in patterns.items():
        for key in instance:
            if _matches(pattern, key):
                yield from validator.descend(instance[key], subschema, path=key, schema_path=pattern)


def _additional_properties(
    validator: Any, allowed: Any, instance: Any, schema: Any
) -> Iterator[ValidationError]:
    """As in jsonschema, with our matcher; one error a key, so that each stands at its own place."""
    if not isinstance(instance, dict):
        return
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for key in instance:
        if key in known or any(_matches(pattern, key) for pattern in patterns):
            continue
        if allowed is False:
            yield ValidationError(gettext("This is not asked for."), path=[key])
        else:
            yield from validator.descend(instance[key], allowed, path=key)


def _unique_items(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if wanted and isinstance(instance, list) and len({_text(item) for item in instance}) < len(instance):
        yield ValidationError(gettext("Has the same item twice."))


def _required(validator: Any, names: Iterable[str], instance: Any, schema: Any) -> Iterator[ValidationError]:
    """As in jsonschema, but the error stands at what is missing."""
    if isinstance(instance, dict):
        for name in names:
            if name not in instance:
                yield ValidationError(gettext("This is required."), path=[name])


Judge = validators.extend(
    Draft202012Validator,
    {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "uniqueItems": _unique_items,
        "required": _required,
    },
)


def _patterns(schema: Any) -> Iterator[str]:
    """Every pattern anywhere in `schema`."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        if isinstance(schema.get("patternProperties"), dict):
            yield from schema["patternProperties"]
        for inner in schema.values():
            yield from _patterns(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _patterns(inner)


def _references(schema: Any) -> Iterator[str]:
    """Every reference in `schema`, except below an id of its own, where it means something else."""
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for inner in schema.values():
            if not (isinstance(inner, dict) and "$id" in inner):
                yield from _references(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _references(inner)


def _resolver(schema: Any) -> Any:
    return Registry().resolver_with_root(DRAFT202012.create_resource(schema))


def _problem(error: ValidationError) -> Problem:
    return Problem(tuple(error.absolute_path), _sentence(error))


def _sentence(error: ValidationError) -> str:
    keyword, wanted = str(error.validator), error.validator_value
    if keyword == "type":
        names = [wanted] if isinstance(wanted, str) else wanted
        kinds = gettext(" or ").join(gettext(NAMES.get(name, name)) for name in names)
        return gettext("Must be %(kind)s.") % {"kind": kinds}
    if keyword == "enum":
        return gettext("Must be one of %(values)s.") % {"values": ", ".join(map(str, wanted))}
    if keyword == "minLength" and wanted == 1:
        return gettext("Must not be empty.")
    sentence = SENTENCES.get(keyword)
    return gettext(sentence) % {"wanted": wanted} if sentence else str(error.message)[:300]


def _reason(error: Exception) -> str:
    if isinstance(error, Unresolvable):
        return f"it refers to “{error.ref}”, which is not in it."
    if isinstance(error, RecursionError):
        return "it refers to itself without end."
    first = str(error).strip().splitlines()
    return (
        f"a pattern in it cannot be used (no look-around, no back-references): {first[-1] if first else ''}"
    )
