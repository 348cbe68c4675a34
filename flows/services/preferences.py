"""What people set for themselves."""

from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.translation import get_language_info, gettext

from flows.models import Preference
from flows.services.errors import InvalidInput, Problem


def of(user: User) -> Preference:
    """The preferences of `user`; unsaved defaults when they have never set any."""
    return Preference.objects.filter(user=user).first() or Preference(user=user)


def change(*, user: User, **values: Any) -> Preference:
    """Set some of `shortcuts`, `time_zone`, `language` and `theme`, and leave the others as they are.

    Raises InvalidInput for a time zone or a language that does not exist.
    """
    if (name := values.get("time_zone")) and zone_named(name) is None:
        raise InvalidInput(
            [Problem(("time_zone",), gettext("There is no time zone “%(name)s”.") % {"name": name})]
        )
    if (code := values.get("language")) and code not in languages():
        told = gettext("There is no language “%(code)s”.") % {"code": code}
        raise InvalidInput([Problem(("language",), told)])
    changed, _ = Preference.objects.update_or_create(user=user, defaults=values)
    return changed


def zone_named(name: Any) -> ZoneInfo | None:
    """The time zone of that name; None when there is none."""
    return ZoneInfo(name) if isinstance(name, str) and name in zones() else None


def languages() -> dict[str, str]:
    """The languages of the pages by their codes, each as it calls itself."""
    return {code: get_language_info(code)["name_local"] for code, _ in settings.LANGUAGES}


def zones() -> set[str]:
    """The names of all time zones."""
    global _zones
    _zones = _zones or available_timezones()
    return _zones


_zones: set[str] = set()
