"""`{"type": "file", "name": …, "media_type": …}`, its content as `text`, as `base64`, or elsewhere at `url`.

A file is downloaded, never shown in the page.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext

from flows.web.blocks.block import BadBlock, text_in, word_in

MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,100}", re.ASCII)
HARMLESS = {
    "application/json",
    "application/pdf",
    "application/zip",
    "image/gif",
    "image/jpeg",
    "image/png",
    "text/csv",
    "text/plain",
}
UNITS = ("bytes", "KB", "MB", "GB", "TB")
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class File:
    """`content` is None when the file is elsewhere, at `url`."""

    name: str
    media_type: str
    size: int | None
    content: bytes | None
    url: str = ""
    host: str = ""

    @property
    def size_text(self) -> str:
        return "" if self.size is None else size_text(self.size)

    @property
    def sent_as(self) -> str:
        """The type that a browser is told: nothing that it would run or draw with the rights of this site."""
        return self.media_type if self.media_type in HARMLESS else "application/octet-stream"

    @property
    def safe_name(self) -> str:
        """The name without what could mislead a person or a file system."""
        kept = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in self.name)
        return kept.strip(". ")[-LONGEST_NAME:] or "file"


def read(item: dict[str, Any]) -> File:
    name = text_in(item, "name", "file")
    media_type = word_in(item, "media_type") or word_in(item, "mime_type")
    media_type = media_type if MEDIA_TYPE.fullmatch(media_type) else ""
    if "url" in item:
        url, size = text_in(item, "url", "file"), item.get("size")
        return File(
            name, media_type, size if type(size) is int and size >= 0 else None, None, url, host_of(url)
        )
    content = content_of(item)
    return File(name, media_type, len(content), content)


def content_of(item: dict[str, Any]) -> bytes:
    if "base64" not in item:
        return text_in(item, "text", "file").encode()
    try:
        return base64.b64decode(text_in(item, "base64", "file"), validate=True)
    except (binascii.Error, ValueError):
        raise BadBlock(gettext("The “base64” of this file cannot be decoded.")) from None


def host_of(url: str) -> str:
    """The host of an http or https address; raises BadBlock for any other."""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.scheme in ("http", "https") else None
    except ValueError:
        host = None
    if not host:
        raise BadBlock(gettext("A file elsewhere needs “url”, an https address."))
    return host


def size_text(size: int) -> str:
    amount, unit = float(size), 0
    while amount >= 1000 and unit < len(UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} {UNITS[unit]}" if unit == 0 or amount >= 100 else f"{amount:.1f} {UNITS[unit]}"
