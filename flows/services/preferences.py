"""What people set for themselves."""

from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.contrib.auth.models import User

from flows.models import Preference
from flows.services.errors import InvalidInput, Problem


def of(user: User) -> Preference:
    """The preferences of `user`; unsaved defaults when they have never set any."""
    return Preference.objects.filter(user=user).first() or Preference(user=user)


def change(*, user: User, **values: Any) -> Preference:
    """Set some of `shortcuts`, `time_zone`, `language` and `theme`, and leave the others as they are.

    Raises InvalidInput for a time zone that does not exist.
    """
    if (name := values.get("time_zone")) and zone_named(name) is None:
        raise InvalidInput([Problem(("time_zone",), f"There is no time zone “{name}”.")])
    changed, _ = Preference.objects.update_or_create(user=user, defaults=values)
    return changed


def zone_named(name: Any) -> ZoneInfo | None:
    """The time zone of that name; None when there is none."""
    return ZoneInfo(name) if isinstance(name, str) and name in zones() else None


def zones() -> set[str]:
    """The names of all time zones."""
    global _zones
    _zones = _zones or available_timezones()
    return _zones


_zones: set[str] = set()
