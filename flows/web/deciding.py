"""The buttons of an approval: which action, with what reason, and confirmed or not."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext

from flows.services.actions import USUAL, Action, Reason

REASON = "reason"  # "reason.<number of the action>": its presets that are chosen, by number
ICONS = {"approve": "check", "reject": "x"}


@dataclass(frozen=True, slots=True)
class Button:
    """`key` presses it; when `goes_to` is an id, it puts the cursor there first. `is_usual`: what
    Ctrl+Enter presses until another is chosen."""

    action: Action
    css: str
    icon: str
    key: str
    goes_to: str
    is_usual: bool


@dataclass(frozen=True, slots=True)
class Preset:
    """A chip: `name` and `value` are what it sends."""

    id: str
    name: str
    value: str
    text: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What is asked before a destructive action; `error` says that the wrong text was typed."""

    action: Action
    error: str


class Deciding:
    """Reads the decision from what was sent; `data` is that, or empty."""

    def __init__(self, actions: tuple[Action, ...], data: Any) -> None:
        self.actions, self.data = actions, data
        decision = data.get("decision", "")
        self.action = next((action for action in actions if action.id == decision), None)
        self.confirmation: Confirmation | None = None

    @property
    def declines(self) -> bool:
        return self.action is not None and not self.action.approved

    @property
    def takes_comment(self) -> bool:
        return any(action.reason is not Reason.NONE for action in self.actions)

    def describe(self, field: forms.Field) -> None:
        """Say for which of several actions the comment is required."""
        needing = [f"“{action.label}”" for action in self.actions if action.reason is Reason.REQUIRED]
        if needing:
            field.label = gettext("Reason")
            field.help_text = gettext("Required for %(actions)s.") % {"actions": listed(needing)}
            field.is_conditional = True  # type: ignore[attr-defined]

    def comment(self, typed: str) -> str:
        """The chosen presets of the action, then what was typed."""
        presets = [preset.text for preset in self._presets_of(self.action) if preset.is_chosen]
        return "\n".join(text for text in ("; ".join(presets), typed) if text)

    @property
    def presets(self) -> list[tuple[Action, list[Preset]]]:
        """The chips of each action that has any."""
        return [(action, self._presets_of(action)) for action in self.actions if action.reasons]

    def _presets_of(self, action: Action | None) -> list[Preset]:
        if action is None:
            return []
        name = f"{REASON}.{self.actions.index(action)}"
        chosen = self.data.getlist(name)
        return [
            Preset(f"id_{name}.{number}", name, str(number), text, str(number) in chosen)
            for number, text in enumerate(action.reasons)
        ]

    # -- confirming -------------------------------------------------------------
    def is_confirmed(self) -> bool:
        """Whether nothing has to be asked first; otherwise `confirmation` is what to ask."""
        action = self.action
        if action is None or not action.is_destructive:
            return True
        asked = self.data.get("confirmed") == action.id
        typed = self.data.get("confirmation", "").strip()
        if asked and (not action.confirm or typed == action.confirm):
            return True
        error = gettext("Type “%(text)s” exactly as it is written.") % {"text": action.confirm}
        self.confirmation = Confirmation(action, error if asked else "")
        return False

    # -- buttons ----------------------------------------------------------------
    @property
    def buttons(self) -> list[Button]:
        return [self._button(action) for action in self.actions]

    def _button(self, action: Action) -> Button:
        first = next(a for a in self.actions if a.approved is action.approved)
        key = ("a" if action.approved else "r") if action is first else ""
        return Button(
            action=action,
            css=self._css(action, is_first=action is first),
            icon=ICONS.get(action.id, ""),
            key=key,
            goes_to="" if action.approved else self._place_of_reason(action),
            is_usual=action is (self.action or self._usual),
        )

    @property
    def _usual(self) -> Action | None:
        harmless = [action for action in self.actions if not action.is_destructive]
        return next((action for action in harmless if action.approved), None)

    def _css(self, action: Action, *, is_first: bool) -> str:
        if action.is_destructive:
            return "destructive"
        if action.style == "danger" or (action in USUAL and not action.approved):
            return "danger"
        return "approve" if action.approved and is_first else ""

    def _place_of_reason(self, action: Action) -> str:
        if action.reasons:
            return self._presets_of(action)[0].id
        return "" if action.reason is Reason.NONE else "id_comment"


def listed(labels: list[str]) -> str:
    """“A” and “B”."""
    return gettext(" and ").join(labels)
