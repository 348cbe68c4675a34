"""What jsonschema found wrong, in words for the person who typed it."""

from collections.abc import Iterator
from typing import Any

from jsonschema import FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import Draft202012Validator, validator_for
from referencing.exceptions import Unresolvable

Path = tuple[str | int, ...]
FORMATS = {
    "email": "Enter an email address, such as name@example.com.",
    "uri": "Enter a full address, such as https://example.com.",
    "date": "Enter a date, such as 2026-12-31.",
    "date-time": "Enter a date and time, such as 2026-12-31T17:00:00Z.",
}
SENTENCES = {
    "minimum": "At least {0}.",
    "maximum": "At most {0}.",
    "exclusiveMinimum": "More than {0}.",
    "exclusiveMaximum": "Less than {0}.",
    "multipleOf": "A multiple of {0}.",
    "minLength": "At least {0} characters.",
    "maxLength": "At most {0} characters.",
    "pattern": "This does not have the form that is asked for ({0}).",
    "minItems": "Choose at least {0}.",
    "maxItems": "Choose at most {0}.",
    "uniqueItems": "Each value only once.",
    "enum": "Choose one of the values offered.",
    "const": "This has to be {0}.",
}


def problems(schema: Any, value: Any) -> Iterator[tuple[Path, str]]:
    """(path, sentence) for each thing in `value` that `schema` does not allow; none for a broken schema."""
    try:
        kind = validator_for(schema, default=Draft202012Validator)
        kind.check_schema(schema)
        found = list(kind(schema, format_checker=checker()).iter_errors(value))
    except (SchemaError, Unresolvable, RecursionError, ValueError, TypeError):
        return  # the service that takes the answer has the last word
    for error in found:
        yield from _sentences(error)


def checker() -> FormatChecker:
    return FormatChecker()


def _sentences(error: ValidationError) -> Iterator[tuple[Path, str]]:
    path, word = tuple(error.absolute_path), error.validator
    if word == "required" and isinstance(error.instance, dict):
        for name in error.validator_value:
            if name not in error.instance:
                yield (*path, name), "This is required."
        return
    yield path, sentence(str(word), error.validator_value, error.message)


def sentence(word: str, limit: Any, message: str) -> str:
    if word == "format" and limit in FORMATS:
        return FORMATS[limit]
    if word not in SENTENCES:
        return message if len(message) < 200 else f"This does not fit the schema ({word})."
    if word == "minLength" and limit == 1:
        return "This is required."
    shown = f"{limit:,}" if isinstance(limit, int | float) and not isinstance(limit, bool) else str(limit)
    return SENTENCES[word].format(shown)
