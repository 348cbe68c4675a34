"""Forgetting what has ended long ago."""

import logging
from collections.abc import Iterator

from flows.services.errors import InvalidInput, Problem
from flows.store import prune

log = logging.getLogger(__name__)

BATCH = 500  # executions that go in one transaction
LEAST_SECONDS = 60


def count_old(*, seconds: float, flow: str | None = None) -> dict[str, int]:
    """How many executions, by flow, ended more than `seconds` ago; raises InvalidInput for less than 60."""
    return prune.count(seconds=_checked(seconds), flow=flow)


def remove_old(*, seconds: float, flow: str | None = None, batch: int = BATCH) -> Iterator[int]:
    """Remove executions that ended more than `seconds` ago, whole: the number of each batch after its commit.

    Stop between two batches by not asking for the next. Whatever somebody else holds at that moment is
    left for the next time. Ids are never given again, but a request id of what is gone counts as new.
    Raises InvalidInput for less than 60 seconds, so that a retried request still finds its first result.
    """
    for ids in prune.batches(seconds=_checked(seconds), flow=flow, limit=batch):
        log.info("Removed %d executions that had ended, up to %s", len(ids), ids[-1])
        yield len(ids)


def _checked(seconds: float) -> float:
    if seconds < LEAST_SECONDS:
        raise InvalidInput([Problem(("seconds",), f"Must be at least {LEAST_SECONDS}.")])
    return seconds
