"""`{"type": "image", "src": …, "alt": …, "caption": …}`: from a data: address, or a file of this site."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext, gettext_noop

from flows.web.blocks.block import BadBlock, text_in, word_in

DATA = re.compile(r"data:image/(?:png|jpeg|gif|webp|avif);base64,([A-Za-z0-9+/=\s]+)")
OWN = re.compile(r"/[\w./~%+-]+")

ELSEWHERE = gettext_noop(
    "This image is not shown. Images are PNG, JPEG, GIF, WebP or AVIF in a data: address, or files "
    "of this site: one from elsewhere would tell that place who looks at it."
)


@dataclass(frozen=True, slots=True)
class Image:
    src: str
    alt: str
    caption: str


def read(item: dict[str, Any]) -> Image:
    src, alt = text_in(item, "src", "image"), text_in(item, "alt", "image").strip()
    if not alt:
        raise BadBlock(gettext("An image needs “alt”: what it shows, in words."))
    if not (is_own(src) or is_data(src)):
        raise BadBlock(gettext(ELSEWHERE))
    return Image(src, alt, word_in(item, "caption"))


def is_data(src: str) -> bool:
    found = DATA.fullmatch(src)
    try:
        return found is not None and bool(base64.b64decode(found[1], validate=False))
    except (binascii.Error, ValueError):
        return False


def is_own(src: str) -> bool:
    """Whether it is a file that this site serves under its static or media address."""
    places = [settings.STATIC_URL, *([settings.MEDIA_URL] if settings.MEDIA_ROOT else [])]
    clean = OWN.fullmatch(src) and ".." not in src and "//" not in src and "%" not in src
    return bool(clean) and any(place.startswith("/") and src.startswith(place) for place in places)
