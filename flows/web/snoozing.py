"""How long an item may be put aside: the choices of the menu, and what was chosen."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

MORNING = 9  # o'clock


@dataclass(frozen=True, slots=True)
class SnoozeChoice:
    name: str
    label: str
    until: datetime


def choices() -> list[SnoozeChoice]:
    """In one hour, tomorrow and next Monday at nine, where the reader is."""
    now = timezone.localtime()
    today = now.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    return [
        SnoozeChoice("hour", gettext("In 1 hour"), now + timedelta(hours=1)),
        SnoozeChoice("tomorrow", gettext("Tomorrow"), today + timedelta(days=1)),
        SnoozeChoice("week", gettext("Next week"), today + timedelta(days=7 - now.weekday())),
    ]


def chosen(form: QueryDict) -> datetime | None:
    """The time that was chosen or typed; None for what is none."""
    for choice in choices():
        if form.get("for") == choice.name:
            return choice.until
    try:
        typed = parse_datetime(form.get("until", ""))
    except ValueError:
        return None
    if typed is None:
        return None
    return typed if timezone.is_aware(typed) else timezone.make_aware(typed)
