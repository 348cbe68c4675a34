"""What reading a block shares."""

from typing import Any

from django.utils.translation import gettext


class BadBlock(ValueError):
    """This cannot be shown as the block that it says it is; the message is for the reader."""


def text_in(item: dict[str, Any], key: str, kind: str) -> str:
    """The text under `key`; raises BadBlock when there is none."""
    value = item.get(key)
    if not isinstance(value, str):
        raise BadBlock(
            gettext("A block of the type %(kind)s needs “%(key)s”, a text.") % {"kind": kind, "key": key}
        )
    return value


def word_in(item: dict[str, Any], key: str, default: str = "") -> str:
    """The text under `key` if there is one."""
    value = item.get(key)
    return value if isinstance(value, str) else default
