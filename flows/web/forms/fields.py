"""Form fields that speak JSON: `to_json` gives what the schema describes, `from_json` what to show."""

import json
import math
import re
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext

from flows.engine import NotJSON, canonical_json
from flows.web.forms.widgets import FILE_BYTES, TextOrFile

ABSENT: Any = object()
WHOLE = re.compile(r"[+-]?\d{1,19}(\.0{1,9})?")
REAL = re.compile(r"[+-]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})([eE][+-]?\d{1,4})?")
SIXTY_FOUR_BITS = range(-(2**63), 2**63)


class JSONValue(forms.Field):
    """What all our fields share: `shape` tells the template how to lay the field out."""

    shape = "text"

    def to_json(self, value: Any) -> Any:
        return value

    def from_json(self, value: Any) -> Any:
        return value


class Text(JSONValue, forms.CharField):
    """Text as typed, with the line ends that the browser turned into CR LF turned back."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n") if value else ""

    def to_json(self, value: str) -> Any:
        return value or ABSENT

    def from_json(self, value: Any) -> Any:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class TextFile(Text):
    """Text that is pasted or read from a file; the file wins."""

    widget = TextOrFile
    shape = "file"

    def clean(self, value: Any) -> Any:
        typed, upload = value if isinstance(value, tuple) else (value, None)
        return super().clean(self.read(upload) if upload else typed)

    def read(self, upload: Any) -> str:
        if upload.size > FILE_BYTES:
            told = gettext("“%(name)s” has %(size)s bytes; at most %(most)s can be taken.")
            size, most = f"{upload.size:,}", f"{FILE_BYTES:,}"
            raise ValidationError(told % {"name": upload.name, "size": size, "most": most})
        upload.seek(0)
        try:
            found: str = upload.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            told = gettext("“%(name)s” is not a text file in UTF-8.")
            raise ValidationError(told % {"name": upload.name}) from None
        if "\0" in found:
            told = gettext("“%(name)s” is not a text file: it contains NUL characters.")
            raise ValidationError(told % {"name": upload.name})
        return found


class Date(JSONValue, forms.CharField):
    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"type": "date"}), **options)

    def clean(self, value: Any) -> str:
        found: str = super().clean(value)
        if found and _parsed(parse_date, found) is None:
            raise ValidationError(gettext("Enter a date, such as 2026-12-31."))
        return found

    def to_json(self, value: str) -> Any:
        return value or ABSENT


class Moment(JSONValue, forms.CharField):
    """A date with time. The browser's control knows no zone, so it is said which one is meant: the one that
    was current when the field was made."""

    def __init__(self, **options: Any) -> None:
        self.zone = timezone.get_current_timezone()
        named = str(self.zone).replace("_", " ")
        options["help_text"] = (
            f"{options.get('help_text') or ''} {gettext('Time in %(zone)s.') % {'zone': named}}".strip()
        )
        super().__init__(widget=forms.TextInput(attrs={"type": "datetime-local", "step": "1"}), **options)

    def clean(self, value: Any) -> str:
        found: str = super().clean(value)
        if not found:
            return ""
        moment = _parsed(parse_datetime, found)
        if moment is None:
            raise ValidationError(gettext("Enter a date and time, such as 2026-12-31 17:00."))
        return moment.isoformat() if moment.tzinfo else self.instant(moment)

    def instant(self, wall: datetime) -> str:
        """The instant at which clocks in the zone show `wall`, in UTC; the earlier one of two."""
        try:
            instant = wall.replace(tzinfo=self.zone).astimezone(UTC)
        except OverflowError:
            raise ValidationError(gettext("This is too far away.")) from None
        if instant.astimezone(self.zone).replace(tzinfo=None) != wall:
            raise ValidationError(gettext("Clocks are put forward then: this time does not exist."))
        return f"{instant.replace(tzinfo=None).isoformat()}Z"

    def to_json(self, value: str) -> Any:
        return value or ABSENT

    def from_json(self, value: Any) -> Any:
        moment = _parsed(parse_datetime, value) if isinstance(value, str) else None
        if moment and moment.tzinfo and 1 < moment.year < 9999:
            moment = moment.astimezone(self.zone).replace(tzinfo=None)
        return moment.isoformat() if moment else value


def _parsed(parse: Any, text: str) -> Any:
    try:
        return parse(text)
    except ValueError:
        return None


class Number(JSONValue):
    """`12` stays an integer and `12.5` a float; what JSON or 64 bits cannot carry is refused."""

    def __init__(self, *, whole: bool, **options: Any) -> None:
        attrs = {"inputmode": "numeric" if whole else "decimal", "step": "1" if whole else "any"}
        super().__init__(widget=forms.NumberInput(attrs=attrs), **options)
        self.whole = whole

    def to_python(self, value: Any) -> Any:
        typed = str(value or "").strip()
        if not typed:
            return None
        if WHOLE.fullmatch(typed) and typed.isascii():
            return self.integer(typed)
        if self.whole or not (REAL.fullmatch(typed) and typed.isascii()):
            raise ValidationError(
                gettext("Enter a whole number.") if self.whole else gettext("Enter a number.")
            )
        found = float(typed)
        if not math.isfinite(found):
            raise ValidationError(gettext("This number is too large."))
        return found

    def integer(self, typed: str) -> int | float:
        digits, dot, _ = typed.partition(".")
        number = int(digits)
        if number not in SIXTY_FOUR_BITS:
            raise ValidationError(gettext("This number is too large."))
        return number if self.whole or not dot else float(number)

    def to_json(self, value: Any) -> Any:
        return ABSENT if value is None else value


class Check(JSONValue, forms.BooleanField):
    shape = "check"

    def from_json(self, value: Any) -> Any:
        return bool(value)


class OneOf(JSONValue, forms.ChoiceField):
    """Each choice travels as its JSON, so that 1, "1" and true stay three things."""

    def to_json(self, value: str) -> Any:
        return json.loads(value) if value else ABSENT

    def from_json(self, value: Any) -> Any:
        return json.dumps(value)


class ManyOf(JSONValue, forms.MultipleChoiceField):
    shape = "choices"

    def to_json(self, value: list[str]) -> Any:
        return [json.loads(v) for v in value]

    def from_json(self, value: Any) -> Any:
        return [json.dumps(v) for v in value] if isinstance(value, list) else []


class AnyJSON(JSONValue, forms.CharField):
    """The JSON editor: for whatever has no field of its own."""

    default_validators = [ProhibitNullCharactersValidator()]

    def __init__(self, **options: Any) -> None:
        attrs = {"rows": 8, "spellcheck": "false", "autocapitalize": "off", "class": "code"}
        super().__init__(widget=forms.Textarea(attrs=attrs), strip=False, **options)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        return parse_json(typed) if typed.strip() else ABSENT

    def from_json(self, value: Any) -> Any:
        return json.dumps(value, indent=2, ensure_ascii=False)


def parse_json(typed: str) -> Any:
    """The JSON value of `typed`; raises ValidationError that says where and what is wrong."""
    try:
        value = json.loads(typed, parse_constant=_refuse)
        canonical_json(value)
    except json.JSONDecodeError as error:
        what = error.msg[:1].lower() + error.msg[1:]
        told = gettext("Not valid JSON: %(what)s, line %(line)s, column %(column)s.")
        place = {"what": what, "line": error.lineno, "column": error.colno}
        raise ValidationError(told % place) from None
    except NotJSON as error:
        raise ValidationError(str(error)) from None
    except (ValueError, RecursionError):  # thousands of digits, or of brackets
        raise ValidationError(gettext("This JSON has a number or a nesting that is too large.")) from None
    return value


def _refuse(word: str) -> Any:
    raise ValidationError(gettext("%(word)s is not a JSON value.") % {"word": word})
