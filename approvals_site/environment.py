"""Typed reading of environment variables.

A bad value does not raise: it becomes a `Problem`, the default takes its place, and
`manage.py check` (which every command runs first) reports all of them with a way out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off", ""})


@dataclass(frozen=True)
class Problem:
    """A value that cannot be used: stable id, what is wrong, what to write instead."""

    id: str
    message: str
    hint: str


@dataclass
class Environment:
    """The variables of one process, read with a type; `problems` collects the bad ones."""

    variables: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)

    def text(self, name: str, default: str = "") -> str:
        return self.variables.get(name, "").strip() or default

    def words(self, name: str) -> list[str]:
        """A comma separated list, without the empty ones."""
        return [word.strip() for word in self.text(name).split(",") if word.strip()]

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.text(name, "1" if default else "0").lower()
        if value not in YES | NO:
            self.problem("approvals.E002", f"{name} is neither on nor off.", f"Set {name}=1 or {name}=0.")
            return default
        return value in YES

    def whole_number(self, name: str, default: int, *, least: int, most: int) -> int:
        value = self.text(name, str(default))
        if value.isascii() and value.isdigit() and len(value) < 12 and least <= int(value) <= most:
            return int(value)
        self.problem(
            "approvals.E003",
            f"{name} is not a whole number from {least} to {most}.",
            f"Set for example {name}={default}.",
        )
        return default

    def seconds(self, name: str, default: float, *, or_none: bool = False) -> float:
        """A positive number of seconds; 0 too where there may be none."""
        try:
            value = float(self.text(name, str(default)))
        except ValueError:
            value = -1.0
        if 0 < value < 1e9 or (or_none and value == 0):
            return value
        hint = f"Set for example {name}={default:g}."
        self.problem("approvals.E004", f"{name} is not a positive number of seconds.", hint)
        return default

    def address(self, name: str, default: str) -> SplitResult:
        """A web address without path, query or credentials."""
        try:
            value = urlsplit(self.text(name, default).rstrip("/"))
            bare = not (value.path or value.query or value.fragment or value.username)
            good = bare and value.scheme in ("http", "https") and bool(value.hostname) and value.port != 0
        except ValueError:
            good = False
        if good:
            return value
        hint = f"Write only scheme and host, for example {name}=https://approvals.example.com."
        self.problem("approvals.E005", f"{name} is not a web address.", hint)
        return urlsplit(default)

    def problem(self, id: str, message: str, hint: str) -> None:
        self.problems.append(Problem(id, message, hint))
