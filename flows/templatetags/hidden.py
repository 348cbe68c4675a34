"""Characters that nobody sees, made visible: controls of direction, zero width, and other invisible ones.

What belongs to a script or an emoji (joiners between letters that need them, variation selectors,
flags) stays as it is. Direction is kept inside its own text by `isolated`; so Arabic and Hebrew read right.
"""

import re
import unicodedata
from typing import Any

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

register = template.Library()
LETTERS = (
    "\u0600-\u08ff\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1800-\u18af\ufb50-\ufdff\ufe70-\ufefe"
)
EMOJI = "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
BELONGS = (
    f"(?<=[{EMOJI}])\ufe0f?\u200d(?=[{EMOJI}])|(?<=\ufe0f)\u200d(?=[{EMOJI}])"  # families, professions
    f"|(?<=[{EMOJI}])[\ufe0e\ufe0f]|(?<=[0-9#*])\ufe0f(?=\u20e3)"
    "|(?<=\U0001f3f4)[\U000e0020-\U000e007e]{2,7}\U000e007f"  # flags of regions
    f"|(?<=[{LETTERS}])[\u200c\u200d](?=[{LETTERS}])"
)
HIDDEN = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U000e0000-\U000e0fff\U0001d173-\U0001d17a"
)
FOUND = re.compile(f"(?P<belongs>{BELONGS})|(?P<hidden>[{HIDDEN}]+)")
IN_HTML = re.compile(f"(?P<tag><[^>]*>)|(?P<belongs>{BELONGS})|(?P<hidden>[{HIDDEN}]+)")
NAMED = 6  # names of a run of hidden characters that are spelled out
CONTROLS = {"\x1b": "ESCAPE", "\x7f": "DELETE", "\x08": "BACKSPACE", "\x07": "BELL"}


@register.filter
def marked(text: Any) -> SafeString:
    """Text with a chip in the place of each run of hidden characters; markup in it is escaped."""
    shown = str(text)
    if isinstance(text, SafeString) or (shown.isascii() and shown.isprintable()):
        return text if isinstance(text, SafeString) else escape(shown)
    return marked_html(escape(shown))


@register.filter
def isolated(text: Any) -> SafeString:
    """`marked`, and with a direction of its own, so that it cannot turn what stands around it."""
    shown = marked(text)
    return shown if isinstance(text, SafeString) or shown.isascii() else format_html("<bdi>{}</bdi>", shown)


@register.filter
def spelled(text: Any) -> str:
    """For titles and attributes, where no chip can stand: hidden characters as [U+202E]."""
    return FOUND.sub(_spelled, str(text))


def marked_html(html: str) -> SafeString:
    """The same for HTML that is safe already; what stands inside tags is left alone."""
    return mark_safe(IN_HTML.sub(_replaced, html))  # noqa: S308


def _spelled(match: re.Match[str]) -> str:
    run: str = match["hidden"] or ""
    return "".join(f"[{point(c)}]" for c in run[:NAMED]) or str(match[0])


def _replaced(match: re.Match[str]) -> str:
    run = match["hidden"]
    return chip(run) if run else str(match[0])


def chip(run: str) -> SafeString:
    """One mark for a run of hidden characters, with their names as its title and for screen readers."""
    names = ", ".join(f"{point(c)} {name(c)}" for c in run[:NAMED])
    more = gettext(" and %(count)s more") % {"count": len(run) - NAMED} if len(run) > NAMED else ""
    label = point(run[0]) if len(run) == 1 else gettext("%(count)s hidden") % {"count": len(run)}
    return format_html(
        '<span class="hidden-char" role="img" title="{0}" aria-label="{1}">{2}</span>',
        names + more,
        gettext("hidden: %(names)s") % {"names": names + more},
        label,
    )


def point(character: str) -> str:
    return f"U+{ord(character):04X}"


def name(character: str) -> str:
    return CONTROLS.get(character, unicodedata.name(character, "CONTROL CHARACTER"))
