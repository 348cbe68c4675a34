"""Icons, people, times and words."""

import json
from datetime import datetime, tzinfo
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop, ngettext, pgettext

from flows.services.people import name_of
from flows.templatetags.hidden import isolated

register = template.Library()
SPRITE = "vendor/lucide-1.62.0.svg"
UNITS = ((86400, "day"), (3600, "h"), (60, "min"))
DAYS_SAID = 7
WORDS = (  # what `word` is given
    gettext_noop("waiting"),
    gettext_noop("answered"),
    gettext_noop("expired"),
    gettext_noop("cancelled"),
    gettext_noop("suspended"),
    gettext_noop("created"),
    gettext_noop("running"),
    gettext_noop("completed"),
    gettext_noop("failed"),
    gettext_noop("browser"),
    gettext_noop("command"),
    gettext_noop("admin"),
    gettext_noop("code"),
    gettext_noop("webhook"),
    gettext_noop("timer"),
    gettext_noop("low"),
    gettext_noop("normal"),
    gettext_noop("high"),
    gettext_noop("urgent"),
)


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
        full(when),
        spoken_age(when, timezone.now()),
    )


@register.filter
def moment(when: datetime | None) -> SafeString | str:
    """A time to come as people say it: the hour when it is today, else the day as well."""
    if when is None:
        return ""
    near = (timezone.localtime(when).date() - timezone.localdate()).days
    style = "H:i" if near == 0 else pgettext("a time this week", "D H:i") if near < 7 else day_and_time()
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', when.isoformat(), full(when), written(when, style)
    )


@register.filter
def at_second(when: datetime | None) -> str:
    """The time of day to the second, with its zone."""
    return "" if when is None else written(when, "H:i:s T")


@register.filter
def at_full(when: datetime | None) -> str:
    """Day, time and zone, for paper."""
    return "" if when is None else full(when)


@register.simple_tag
def now_full() -> str:
    return full(timezone.now())


@register.filter
def clock(when: datetime | None, zone: tzinfo) -> str:
    """The time of day on clocks in `zone`, with the day unless it is today."""
    if when is None:
        return ""
    there = when.astimezone(zone)
    is_today = there.date() == timezone.now().astimezone(zone).date()
    return date_format(there, "H:i" if is_today else day_and_time())


def written(when: datetime, style: str) -> str:
    return date_format(timezone.localtime(when), style)


def full(when: datetime) -> str:
    return written(when, pgettext("a full time", "j M Y, H:i:s T"))


def day_and_time() -> str:
    return pgettext("a time of another week", "j M, H:i")


def spoken_age(when: datetime, now: datetime) -> str:
    seconds = int((now - when).total_seconds())
    if abs(seconds) < 60:
        return gettext("just now") if seconds >= 0 else gettext("in a minute")
    if abs(seconds) >= DAYS_SAID * 86400:
        return written(when, pgettext("a day", "j M Y"))
    size, unit = next((s, u) for s, u in UNITS if abs(seconds) >= s)
    count = seconds // size if seconds > 0 else round(-seconds / size)
    return age_words("past" if seconds > 0 else "future", unit, count)


def age_words(tense: str, unit: str, count: int) -> str:
    """Such as "5 min ago"; `tense` is "past" or "future", `unit` "min", "h" or "day"."""
    said = {
        ("past", "min"): ngettext("%(count)s min ago", "%(count)s min ago", count),
        ("past", "h"): ngettext("%(count)s h ago", "%(count)s h ago", count),
        ("past", "day"): ngettext("%(count)s day ago", "%(count)s days ago", count),
        ("future", "min"): ngettext("in %(count)s min", "in %(count)s min", count),
        ("future", "h"): ngettext("in %(count)s h", "in %(count)s h", count),
        ("future", "day"): ngettext("in %(count)s day", "in %(count)s days", count),
    }
    return said[tense, unit] % {"count": count}


@register.simple_tag
def ages() -> str:
    """The words of `spoken_age` for times.js, as JSON: {tense: {unit: [for one, for several]}}, "#" for how
    many."""
    units = [unit for _, unit in UNITS]
    said = {
        tense: {u: [age_words(tense, u, n).replace(str(n), "#") for n in (1, 2)] for u in units}
        for tense in ("past", "future")
    }
    return json.dumps({**said, "now": gettext("just now"), "soon": gettext("in a minute")})


@register.filter
def word(name: Any) -> str:
    """A status, a door or a priority in the reader's language."""
    return gettext(str(name)) if name else ""


@register.filter
def person(user: Any) -> SafeString:
    """How a person is called; nobody is the program."""
    return isolated(name_of(user))


@register.filter
def initials(user: Any) -> str:
    words = name_of(user).split()
    return (words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2]) if words else "?"
