"""Text from anywhere, made fit for JSON, PostgreSQL and people."""


def clean(text: str, limit: int | None = None) -> str:
    """`text` that any database, page and terminal takes: NUL and lone surrogates become escapes.

    Longer than `limit` characters, it is cut and ends with "…".
    """
    text = text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
    if limit is not None and len(text) > limit:
        return text[: limit - 1] + "…"
    return text


def is_clean(text: str) -> bool:
    """Whether `clean` would change nothing."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
