"""Icons, people and times."""

from datetime import datetime, tzinfo
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flows.services.people import name_of
from flows.templatetags.hidden import isolated

register = template.Library()
SPRITE = "vendor/lucide-1.62.0.svg"
UNITS = ((86400, "day"), (3600, "h"), (60, "min"))
DAYS_SAID = 7


@register.simple_tag
def icon(name: str, tone: str = "") -> SafeString:
    """A drawing beside a word; it says nothing by itself."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        tone,
        static(SPRITE),
        name,
    )


@register.filter
def ago(when: datetime | None) -> SafeString | str:
    """How long ago or how soon, with the full time in the title; times.js keeps it true and in the
    reader's zone."""
    if when is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        when.isoformat(timespec="seconds"),
        f"{timezone.localtime(when):%d %b %Y, %H:%M:%S %Z}",
        spoken_age(when, timezone.now()),
    )


@register.filter
def moment(when: datetime | None) -> SafeString | str:
    """A time to come as people say it: the hour when it is today, else the day as well."""
    if when is None:
        return ""
    local = timezone.localtime(when)
    near = (local.date() - timezone.localdate()).days
    shown = (
        f"{local:%H:%M}"
        if near == 0
        else f"{local:%a %H:%M}"
        if near < 7
        else f"{local.day} {local:%b, %H:%M}"
    )
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', when.isoformat(), f"{local:%d %b %Y, %H:%M %Z}", shown
    )


def spoken_age(when: datetime, now: datetime) -> str:
    seconds = int((now - when).total_seconds())
    if abs(seconds) < 60:
        return "just now" if seconds >= 0 else "in a minute"
    if abs(seconds) >= DAYS_SAID * 86400:
        return f"{when.day} {when:%b %Y}"
    size, unit = next((s, u) for s, u in UNITS if abs(seconds) >= s)
    count = seconds // size if seconds > 0 else round(-seconds / size)
    length = f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''}"
    return f"{length} ago" if seconds > 0 else f"in {length}"


@register.filter
def person(user: Any) -> SafeString:
    """How a person is called; nobody is the program."""
    return isolated(name_of(user))


@register.filter
def initials(user: Any) -> str:
    words = name_of(user).split()
    return (words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2]) if words else "?"


@register.filter
def clock(when: datetime | None, zone: tzinfo) -> str:
    """The time of day on clocks in `zone`, with the day unless it is today."""
    if when is None:
        return ""
    there = when.astimezone(zone)
    today = timezone.now().astimezone(zone).date()
    return f"{there:%H:%M}" if there.date() == today else f"{there.day} {there:%b, %H:%M}"
