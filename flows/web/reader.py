"""What the person who reads a page has set for themselves."""

from datetime import tzinfo
from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone, translation

from flows.models import Preference
from flows.services import preferences

ZONE_COOKIE = "time_zone"  # what the browser says, where the person has said nothing


def preference_of(request: HttpRequest) -> Preference:
    """The preferences of who asks; read once a request."""
    found: Preference | None = getattr(request, "reader_preference", None)
    if found is None:
        found = preferences.of(cast(User, request.user))
        request.reader_preference = found  # type: ignore[attr-defined]
    return found


def language_of(request: HttpRequest) -> str:
    """The code of the language that pages are in: set, else what the browser prefers, else the site's."""
    named = preference_of(request).language
    return named if named in preferences.languages() else translation.get_language_from_request(request)


def zone_of(request: HttpRequest) -> tzinfo:
    """The time zone that dates with times are read and shown in: set, else the browser's, else the site's."""
    named = preference_of(request).time_zone or request.COOKIES.get(ZONE_COOKIE, "")
    return preferences.zone_named(named) or timezone.get_default_timezone()
