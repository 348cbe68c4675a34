"""What a flow says, made safe to show: Markdown, facts and any JSON as a tree."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

import nh3
from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

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
SCHEMES = {"http", "https", "mailto"}
LONG = 60  # characters from which on a fact gets a line of its own
OPEN_LEVELS = 3
OPEN_NODES = 12  # a container with at most this many entries starts unfolded
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CNY": "¥"}


@register.filter
def markdown(text: Any) -> SafeString:
    """Markdown as HTML without images, raw HTML, or links that are not http, https or mailto."""
    html = MARKDOWN.render(text if isinstance(text, str) else "")
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title"}, "ol": {"start"}},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(clean)  # noqa: S308


@register.filter
def json_tree(value: Any) -> SafeString:
    """Any JSON as nested, foldable lists; the outermost one is not folded."""
    if not isinstance(value, dict | list) or not value:
        return format_html('<div class="tree">{}</div>', leaf(value))
    return format_html('<div class="tree"><ul class="root">{}</ul></div>', entries(value, 1))


def node(value: Any, key: str | None, depth: int) -> SafeString:
    label = format_html('<span class="key">{}</span>: ', key) if key is not None else SafeString("")
    if not isinstance(value, dict | list) or not value:
        return format_html("{}{}", label, leaf(value))
    size = f"{len(value)} {'key' if isinstance(value, dict) else 'item'}{'' if len(value) == 1 else 's'}"
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
        return format_html('<span class="string">{}</span>', value)
    kind = "number" if isinstance(value, int | float) and not isinstance(value, bool) else "word"
    return format_html('<span class="{}">{}</span>', kind, json.dumps(value))


@dataclass(frozen=True, slots=True)
class Fact:
    """One labelled value; `css` says how it is set, `wide` that it needs a line of its own."""

    label: str
    value: SafeString | str
    css: str
    wide: bool


@register.filter
def facts(value: Any) -> list[Fact]:
    """`[{label, value, kind}]`, or `{label: value}`; what is neither becomes a fact without a label."""
    if isinstance(value, dict):
        return [fact({"label": label, "value": item}) for label, item in value.items()]
    listed = value if isinstance(value, list) else [value]
    return [fact(item if isinstance(item, dict) else {"value": item}) for item in listed]


def fact(item: dict[str, Any]) -> Fact:
    value, kind = item.get("value"), str(item.get("kind") or "")
    shown = (WRITERS.get(kind) or plain)(value, item)
    if shown is None:
        shown = plain(value, item)
    wide = isinstance(value, dict | list) or (isinstance(value, str) and len(value) > LONG)
    css = "number" if isinstance(value, int | float) else kind if kind in WRITERS else ""
    return Fact(str(item.get("label") or ""), shown, f"{css} long" if wide else css, wide)


def plain(value: Any, item: dict[str, Any]) -> SafeString | str:
    if isinstance(value, dict | list):
        return json_tree(value)
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return "Yes" if value else "No"
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
    return format_html('<time datetime="{}">{}</time>', value, f"{found.day} {found:%B %Y}")


def moment(value: Any, item: dict[str, Any]) -> SafeString | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return format_html('<time datetime="{}">{}</time>', value, f"{found.day} {found:%B %Y, %H:%M %Z}".strip())


def link(value: Any, item: dict[str, Any]) -> SafeString | None:
    href = item.get("href") or item.get("url") or value
    try:
        allowed = isinstance(href, str) and urlsplit(href).scheme in SCHEMES
    except ValueError:
        return None
    shown = str(value if value is not None else href)
    if not allowed:
        return None
    return format_html('<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>', href, shown)


def email(value: Any, item: dict[str, Any]) -> SafeString | None:
    return link(value, {"href": f"mailto:{value}"}) if isinstance(value, str) and "@" in value else None


def code(value: Any, item: dict[str, Any]) -> SafeString | None:
    return format_html("<code>{}</code>", value) if isinstance(value, str) else None


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
