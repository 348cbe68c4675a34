"""What an author's own check of an answer is given, and how it says no."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Problems = str | Mapping[str | tuple[str | int, ...], str]


@dataclass(frozen=True, slots=True)
class Asked:
    """The question whose answer is judged; `by` is a username, None for code."""

    flow: str
    step: str
    type: str
    payload: Any
    initial: Any
    execution_id: str
    by: str | None


class Refused(Exception):
    """Raised by a validator: what is wrong with an answer.

    `problems` is one sentence about the whole answer, or a sentence for each path in it, such as
    {"data.amount": "More than was paid."}; a key that has a dot is written as a tuple.
    """

    def __init__(self, problems: Problems) -> None:
        if not isinstance(problems, str | Mapping):
            raise TypeError(f"Refused takes a text or a dict of texts, not {problems!r}.")
        self.problems = problems
        super().__init__(problems)


# Takes the answer as the flow receives it; returns None when it is good, otherwise what Refused takes.
Validator = Callable[[Any, Asked], Problems | None]
