"""Text from anywhere, made fit to be kept."""


def printable(text: str, limit: int = 2_000) -> str:
    """Text from anywhere, made fit for canonical JSON: what it refuses is replaced, the rest cut off."""
    return text[:limit].encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
