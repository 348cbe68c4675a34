"""What a caller of a service can act on. `message` is for the person who asked; facts are attributes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, gettext_noop

from flows.engine import NotJSON
from flows.engine.text import clean
from flows.models import Response


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a value: `path` leads to it, () is the value itself."""

    path: tuple[str | int, ...]
    message: str

    def __str__(self) -> str:
        place = ".".join(str(part) for part in self.path)
        return f"{place}: {self.message}" if place else self.message


class FlowsError(Exception):
    """Base of every error that a service raises on purpose."""

    def __init__(self, message: str) -> None:
        self.message = clean(message)
        super().__init__(self.message)


class NotFound(FlowsError):
    """There is no such thing, or none that this person may know of."""

    def __init__(self, what: str, id: object) -> None:
        self.what, self.id = what, id
        super().__init__(gettext("There is no %(what)s “%(id)s”.") % {"what": gettext(what), "id": id})


class UnknownFlow(FlowsError):
    """No flow of that name is registered; `known` lists those that are."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name, self.known = name, tuple(known)
        told = gettext("There is no flow “%(name)s”. There are: %(known)s.")
        super().__init__(told % {"name": name, "known": ", ".join(self.known) or gettext("none")})


class NotAllowed(FlowsError):
    """The person may see it, but a rule keeps them from doing this; the message is the rule."""


class Invalid(FlowsError):
    """A value that does not fit; `problems` names each place."""

    what = gettext_noop("value")

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        told = gettext("This %(what)s does not fit: %(problems)s")
        super().__init__(told % {"what": gettext(self.what), "problems": "; ".join(map(str, self.problems))})

    @classmethod
    def not_json(cls, error: NotJSON, path: Sequence[str | int] = ()) -> "Invalid":
        """The refusal of a value that canonical JSON cannot carry; it stands at `path`."""
        return cls([Problem((*path, *error.path), f"{error.problem[:1].upper()}{error.problem[1:]}.")])


class InvalidInput(Invalid):
    """An input, or an argument beside it, that cannot be taken."""

    what = gettext_noop("input")


class InvalidAnswer(Invalid):
    what = gettext_noop("answer")


class Conflict(FlowsError):
    """It is not in the state that this needs, usually because somebody else was faster."""


class RequestReused(Conflict):
    """One request id was used for two different requests."""

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        told = gettext("The request id “%(id)s” was used before for something else.")
        super().__init__(told % {"id": request_id})


class StaleQuestion(Conflict):
    """What the person saw is not what the interrupt asks."""

    def __init__(self) -> None:
        super().__init__(
            gettext("The question is not the one that was shown. Look at it again and answer then.")
        )


class OnHold(Conflict):
    """The execution that asks has failed; a retry brings the question back."""

    def __init__(self) -> None:
        super().__init__(
            gettext("The flow has failed, so its questions are on hold until somebody retries it.")
        )


class AlreadyVoted(Conflict):
    """The person has approved in this stage; others have to."""


class TooLate(Conflict):
    """The answer is in effect, or was taken back before."""

    def __init__(self) -> None:
        super().__init__(gettext("This answer cannot be taken back any more: the flow has gone on."))


class AlreadyClosed(Conflict):
    """Somebody was faster, or the question was withdrawn.

    `status` is the interrupt's; `by` the user (None: code), `at` when; `value` and `response`
    are None unless it was answered.
    """

    def __init__(
        self, message: str, *, status: str, at: datetime | None, response: Response | None = None
    ) -> None:
        self.status, self.at, self.response = status, at, response
        self.by = response.by if response else None
        self.value: Any = response.value if response else None
        super().__init__(message)
