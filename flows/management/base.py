"""What the flows_* commands share: one sentence on stderr and exit code 2 for whatever cannot be done."""

import json
import re
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import Error

from flows import engine
from flows.engine.text import clean, is_clean
from flows.services.errors import FlowsError
from flows.store import connection

NOT_SO = 1
REFUSED = 2
UNITS = {"min": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}


class FlowsCommand(BaseCommand):
    """Subclasses add arguments, and `run` returns what they found; it is printed by `show` or as JSON.

    Exit codes: 0 done, 1 what was asked is not so (`is_well`), 2 it could not be done.
    """

    requires_system_checks: list[str] = []
    _progress_shown = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with connection.own():  # a pool would wait for a server that is not there
                found = self.run(options)
        except FlowsError as error:
            raise refusal(error.message) from None
        except Error as error:
            raise refusal(f"The database cannot be used: {first_line(error)}") from None
        if self._progress_shown:
            self.stderr.write("\r\033[K", style_func=str, ending="")
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
        else:
            self.show(found)
        if not self.is_well(found):
            sys.exit(NOT_SO)

    def run(self, options: dict[str, Any]) -> Any:
        """Do it, and return plain JSON about it."""
        raise NotImplementedError

    def show(self, found: Any) -> None:
        """Print what `run` returned, for a person."""
        raise NotImplementedError

    def is_well(self, found: Any) -> bool:
        """Whether the answer is the one that a script goes on with."""
        return True

    def progress(self, options: dict[str, Any], what: str) -> Callable[[int], None]:
        """Shows a number that grows to a person at a terminal, and nobody else."""
        if options["json"] or not self.stderr.isatty():
            return lambda _: None

        def show(number: int) -> None:
            self.stderr.write(f"\r\033[K{number:,} {what} ", style_func=str, ending="")
            self._progress_shown = True

        return show

    def line(self, text: str = "") -> None:
        self.stdout.write(clean(text))


def refusal(message: str) -> CommandError:
    """The error that ends a command with this one sentence and exit code 2."""
    return CommandError(clean(" ".join(message.split())), returncode=REFUSED)


def first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def person(username: str | None) -> User | None:
    """The person of that name, None for none; raises CommandError."""
    if username is None:
        return None
    found = User.objects.filter(username=username).first() if is_clean(username) else None
    if found is None:
        raise refusal(f"There is no person “{username}”.")
    return found


def parsed(option: str, text: str) -> Any:
    """JSON from the command line; raises CommandError that says where it is malformed."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise refusal(f"{option} is not JSON: {error}") from None


def pretty(value: Any) -> str:
    """Tagged JSON for a person to read."""
    return json.dumps(engine.plain_json(value), ensure_ascii=False, indent=2)


def positive(text: str) -> int:
    """A whole number from 1 to a billion, for argparse."""
    number = int(text)
    if not 1 <= number <= 1_000_000_000:
        raise ValueError(text)
    return number


def age(text: str) -> float:
    """Seconds of `90d`, `12h`, `2w` or `30min`, for argparse."""
    found = re.fullmatch(r"(\d{1,6})\s*(min|h|d|w)", text.strip())
    if found is None:
        raise ValueError(text)
    return int(found[1]) * UNITS[found[2]]
