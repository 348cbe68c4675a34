"""The keys of the pages: the one table that the help, the tooltips and the script share."""

from dataclasses import dataclass

from django.utils.translation import gettext, gettext_noop

ANYWHERE, MOVE, ANSWER = gettext_noop("Anywhere"), gettext_noop("The list"), gettext_noop("The open item")


@dataclass(frozen=True, slots=True)
class Key:
    """`key` as event.key gives it; `does` is what it does, in English."""

    key: str
    does: str
    group: str = ANYWHERE

    @property
    def says(self) -> str:
        """What it does, in the reader's language."""
        return gettext(self.does)

    @property
    def caps(self) -> list[str]:
        """The key caps to draw."""
        return self.key.split("+")


KEYS = (
    Key("j", gettext_noop("Next row"), MOVE),
    Key("k", gettext_noop("Previous row"), MOVE),
    Key("Enter", gettext_noop("Open the row"), MOVE),
    Key("o", gettext_noop("Open the row"), MOVE),
    Key("x", gettext_noop("Select the row"), MOVE),
    Key("d", gettext_noop("Decide the selected rows together"), MOVE),
    Key("/", gettext_noop("Search"), MOVE),
    Key("a", gettext_noop("Approve"), ANSWER),
    Key("r", gettext_noop("Reject: to the reason first"), ANSWER),
    Key("e", gettext_noop("Edit the answer: to the first field"), ANSWER),
    Key("s", gettext_noop("Snooze"), ANSWER),
    Key("Ctrl+Enter", gettext_noop("Send, also while typing (⌘+Enter on a Mac)"), ANSWER),
    Key("u", gettext_noop("Undo the last answer")),
    Key("?", gettext_noop("Show these keys")),
)
BY_KEY = {key.key: key for key in KEYS}


def groups() -> dict[str, list[Key]]:
    """The keys by where they work."""
    found: dict[str, list[Key]] = {}
    for key in KEYS:
        found.setdefault(gettext(key.group), []).append(key)
    return found
