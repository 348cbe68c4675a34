"""What a flow says, made safe to show: Markdown, facts and any JSON as a tree."""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import nh3
from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, gettext_noop, ngettext, pgettext
from markdown_it import MarkdownIt

from flows.templatetags.hidden import isolated, marked, marked_html

register = template.Library()
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
TEXT = {
    "p",
    "br",
    "hr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "code",
    "em",
    "strong",
    "s",
    "a",
}
TAGS = TEXT | {"ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"}
MARKS = re.compile(r"[\[\]!*_`~<>&]")
DELIMITERS = re.compile(r"^[ >\t|:-]+$", re.MULTILINE)
MOST_MARKS, MOST_LINES, MOST_CELLS = 8_000, 4_000, 4_000
TOO_COSTLY = gettext_noop("This text is too long to be set as Markdown. It is shown as it was written.")
AS_TYPED = '<p class="quiet-note">{}</p><div class="as-typed">{}</div>'
ANCHOR = '<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>'
SCHEMES = {"http", "https", "mailto"}
LONG = 60  # characters from which on a fact gets a line of its own
OPEN_LEVELS = 3
OPEN_NODES = 12  # a container with at most this many entries starts unfolded
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CNY": "¥"}


@register.filter
def markdown(text: Any) -> SafeString:
    """Markdown as HTML without images, raw HTML, or links that are not http, https or mailto.

    What would take long to set (see `is_costly`) is shown as it was written, and that is said.
    """
    if not isinstance(text, str):
        return SafeString("")
    if is_costly(text):
        return format_html(AS_TYPED, gettext(TOO_COSTLY), marked(text))
    return _markdown(text, get_language())


@lru_cache(maxsize=64)
def _markdown(text: str, language: str | None) -> SafeString:
    """`language` is that of the names of hidden characters in it."""
    html = MARKDOWN.render(text)
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return marked_html(clean)


def is_costly(text: str) -> bool:
    """Whether Markdown would take more than a moment: time grows with marks, lines and the cells of tables,
    of which a short text can have many, because rows are filled up to the width of their head."""
    lines = text.count("\n") + 1
    widest = max((row.count("|") for row in DELIMITERS.findall(text)), default=0)
    return len(MARKS.findall(text)) > MOST_MARKS or lines > MOST_LINES or widest * lines > MOST_CELLS


@register.filter
def json_tree(value: Any) -> SafeString:
    """Any JSON as nested, foldable lists; the outermost one is not folded."""
    if not isinstance(value, dict | list) or not value:
        return format_html('<div class="tree">{}</div>', leaf(value))
    return format_html('<div class="tree"><ul class="root">{}</ul></div>', entries(value, 1))


def node(value: Any, key: str | None, depth: int) -> SafeString:
    label = format_html('<span class="key">{}</span>: ', isolated(key)) if key is not None else SafeString("")
    if not isinstance(value, dict | list) or not value:
        return format_html("{}{}", label, leaf(value))
    keys = ngettext("%(count)s key", "%(count)s keys", len(value))
    items = ngettext("%(count)s item", "%(count)s items", len(value))
    size = (keys if isinstance(value, dict) else items) % {"count": len(value)}
    unfolded = SafeString(" open") if depth < OPEN_LEVELS and len(value) <= OPEN_NODES else ""
    return format_html(
        '<details{}><summary>{}<span class="size">{}</span></summary><ul>{}</ul></details>',
        unfolded,
        label,
        size,
        entries(value, depth + 1),
    )


def entries(value: dict[str, Any] | list[Any], depth: int) -> SafeString:
    pairs = value.items() if isinstance(value, dict) else ((str(n), v) for n, v in enumerate(value))
    return format_html_join("", "<li{}>{}</li>", (entry(v, k, depth) for k, v in pairs))


def entry(value: Any, key: str, depth: int) -> tuple[str, SafeString]:
    folds = isinstance(value, dict | list) and bool(value)
    return ("" if folds else SafeString(' class="leaf"'), node(value, key, depth))


def leaf(value: Any) -> SafeString:
    if isinstance(value, str):
        return format_html('<span class="string" dir="auto">{}</span>', marked(value))
    kind = "number" if isinstance(value, int | float) and not isinstance(value, bool) else "word"
    return format_html('<span class="{}">{}</span>', kind, json.dumps(value))


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value; `css` says how it is set, `wide` that it needs a line of its own."""

    label: SafeString
    value: SafeString
    css: str
    wide: bool


@register.filter
def facts(value: Any) -> list[Fact]:
    """`[{label, value, kind}]`, or `{label: value}`; what is neither becomes a fact without a label."""
    if isinstance(value, dict):
        return [fact({"label": label, "value": item}) for label, item in value.items()]
    listed = value if isinstance(value, list) else [value]
    return [fact(item if isinstance(item, dict) else {"value": item}) for item in listed]


@register.filter
def fact_value(item: dict[str, Any]) -> SafeString:
    """One value as a fact would show it, for the cells of tables."""
    return fact(item).value


def fact(item: dict[str, Any]) -> Fact:
    value, kind = item.get("value"), str(item.get("kind") or "")
    shown = (WRITERS.get(kind) or plain)(value, item)
    if shown is None:
        shown = plain(value, item)
    wide = isinstance(value, dict | list) or (isinstance(value, str) and len(value) > LONG)
    css = "number" if isinstance(value, int | float) else kind if kind in WRITERS else ""
    return Fact(isolated(item.get("label") or ""), isolated(shown), f"{css} long" if wide else css, wide)


def plain(value: Any, item: dict[str, Any]) -> SafeString | str:
    if isinstance(value, dict | list):
        return json_tree(value)
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return str(value)


def money(value: Any, item: dict[str, Any]) -> str | None:
    """12.5 with the currency EUR, or {"amount": 12.5, "currency": "EUR"}, as €12.50."""
    if isinstance(value, dict):
        value, item = value.get("amount"), value
    currency = str(item.get("currency") or "")
    try:
        amount = f"{float(value):,.2f}"
    except (TypeError, ValueError):
        return None
    symbol = SYMBOLS.get(currency)
    return f"{symbol}{amount}" if symbol else f"{amount} {currency}".strip()


def number(value: Any, item: dict[str, Any]) -> str | None:
    counts = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:,} {item.get('unit') or ''}".strip() if counts else None


def percent(value: Any, item: dict[str, Any]) -> str | None:
    return f"{value:g} %" if isinstance(value, int | float) and not isinstance(value, bool) else None


def day(value: Any, item: dict[str, Any]) -> SafeString | None:
    try:
        found = date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return format_html(
        '<time datetime="{}">{}</time>', value, date_format(found, pgettext("a day in full", "j F Y"))
    )


def moment(value: Any, item: dict[str, Any]) -> SafeString | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    if timezone.is_aware(found):
        found = timezone.localtime(found)
    shown = date_format(found, pgettext("a time in full", "j F Y, H:i"))
    return format_html('<time datetime="{}">{}</time>', value, f"{shown} {found:%Z}".strip())


def link(value: Any, item: dict[str, Any]) -> SafeString | None:
    href = item.get("href") or item.get("url") or value
    try:
        allowed = isinstance(href, str) and urlsplit(href).scheme in SCHEMES
    except ValueError:
        return None
    shown = str(value if value is not None else href)
    if not allowed:
        return None
    return format_html(ANCHOR, href, isolated(shown))


def email(value: Any, item: dict[str, Any]) -> SafeString | None:
    return link(value, {"href": f"mailto:{value}"}) if isinstance(value, str) and "@" in value else None


def code(value: Any, item: dict[str, Any]) -> SafeString | None:
    return format_html("<code>{}</code>", isolated(value)) if isinstance(value, str) else None


WRITERS = {
    "money": money,
    "number": number,
    "percent": percent,
    "date": day,
    "datetime": moment,
    "date-time": moment,
    "link": link,
    "url": link,
    "email": email,
    "code": code,
    "text": plain,
}
