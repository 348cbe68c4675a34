"""Many answers in one go: each through `interrupts.decide`, in a transaction of its own.

Nothing is kept of the whole: who sends it again, after a connection broke in the middle, is given the first
results of what was decided then, because each answer has a request id made of the form's.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError
from django.utils.translation import gettext, gettext_noop

from flows.services import interrupts
from flows.services.errors import FlowsError, Invalid
from flows.store.connection import is_away

MOST = 1_000
MOST_LONGER = 30.0  # seconds that the first answers of a long run wait for the last
SECONDS_EACH = 0.02  # that an answer takes, generously: for how long the others can be taken back
FAILED = gettext_noop("This could not be saved. Nothing is lost: try again.")

logger = logging.getLogger(__name__)


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"  # not its own fault: the same may be sent again


@dataclass(frozen=True, slots=True)
class Given:
    """One answer of many; `digest` is that of the question as it was shown."""

    interrupt_id: UUID
    answer: Any
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """What all answers have in common; `left` is how many are still to come after these."""

    by: Any
    request_id: str
    address: str | None = None
    left: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """`response` is what `decide` gave, `reason` why not; `can_change`: another answer might be taken."""

    interrupt_id: UUID
    outcome: Outcome
    response: Any = None
    reason: str = ""
    can_change: bool = False


def decide_all(given: Iterable[Given], run: Run) -> Iterator[Result]:
    """Decide each as it is asked for; the outcome of one does not touch the others.

    Raises nothing for a single answer: what is wrong with it is its result. When the database is away, the
    rest fails without being tried.
    """
    pending = list(given)
    is_gone = False
    for number, one in enumerate(pending):
        result = failed(one)
        if not is_gone:
            try:
                result = decided(one, run, left=run.left + len(pending) - number)
            except (DatabaseError, InterfaceError) as error:
                logger.warning("An answer of many could not be saved: %s", error)
                is_gone = is_away(error)
        yield result


def failed(one: Given) -> Result:
    return Result(one.interrupt_id, Outcome.FAILED, reason=gettext(FAILED), can_change=True)


def decided(one: Given, run: Run, *, left: int) -> Result:
    """Decide one of them; raises what the database raises."""
    try:
        response = interrupts.decide(
            interrupt_id=one.interrupt_id,
            answer=one.answer,
            by=run.by,
            door="browser",
            request_id=f"{run.request_id}.{one.interrupt_id.hex}",
            digest=one.digest,
            address=run.address,
            undo_longer=min(MOST_LONGER, left * SECONDS_EACH),
        )
    except Invalid as error:
        reason = " ".join(str(problem) for problem in error.problems)
        return Result(one.interrupt_id, Outcome.REFUSED, reason=reason, can_change=True)
    except FlowsError as error:
        return Result(one.interrupt_id, Outcome.REFUSED, reason=error.message)
    return Result(one.interrupt_id, Outcome.DONE, response=response)


def undo_all(interrupt_ids: Iterable[UUID], *, by: Any) -> dict[UUID, str]:
    """Take back each answer that can be; why not, by interrupt, "" where it was."""
    return {id: undone(id, by) for id in interrupt_ids}


def undone(interrupt_id: UUID, by: Any) -> str:
    try:
        interrupts.undo(interrupt_id=interrupt_id, by=by, door="browser")
    except FlowsError as error:
        return error.message
    except (DatabaseError, InterfaceError) as error:
        logger.warning("An answer of many could not be taken back: %s", error)
        return gettext(FAILED)
    return ""
