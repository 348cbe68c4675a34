"""The keys of the pages: the one table that the help, the tooltips and the script share."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """`key` as event.key gives it; `says` is what it does."""

    key: str
    says: str
    group: str = "Anywhere"

    @property
    def caps(self) -> list[str]:
        """The key caps to draw."""
        return self.key.split("+")


MOVE, ANSWER = "The list", "The open item"
KEYS = (
    Key("j", "Next row", MOVE),
    Key("k", "Previous row", MOVE),
    Key("Enter", "Open the row", MOVE),
    Key("o", "Open the row", MOVE),
    Key("x", "Select the row", MOVE),
    Key("d", "Decide the selected rows together", MOVE),
    Key("/", "Search", MOVE),
    Key("a", "Approve", ANSWER),
    Key("r", "Reject: to the reason first", ANSWER),
    Key("e", "Edit the answer: to the first field", ANSWER),
    Key("s", "Snooze", ANSWER),
    Key("Ctrl+Enter", "Send, also while typing (⌘+Enter on a Mac)", ANSWER),
    Key("u", "Undo the last answer"),
    Key("?", "Show these keys"),
)
BY_KEY = {key.key: key for key in KEYS}


def groups() -> dict[str, list[Key]]:
    """The keys by where they work."""
    found: dict[str, list[Key]] = {}
    for key in KEYS:
        found.setdefault(key.group, []).append(key)
    return found
