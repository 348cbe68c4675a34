"""What has to go through a service before an execution can go on: each in a transaction of its own."""

import logging
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from flows.services import early, timers, votes
from flows.store import connection

log = logging.getLogger(__name__)


class ChoreKind(StrEnum):
    EXPIRE = "expire"  # its time is over
    DELIVER = "deliver"  # its answer came before it
    TALLY = "tally"  # votes on it count from now on


class Chore(NamedTuple):
    """Something to be done for the interrupt of this key."""

    kind: ChoreKind
    key: str


SERVICES: dict[ChoreKind, Callable[..., bool]] = {
    ChoreKind.EXPIRE: timers.expire,
    ChoreKind.DELIVER: early.deliver,
    ChoreKind.TALLY: votes.tally,
}


def do(execution_id: UUID, chore: Chore) -> bool:
    """Whether it did something; raises only when the database is away."""
    try:
        return SERVICES[chore.kind](execution_id=execution_id, key=chore.key)
    except connection.AWAY:
        raise
    except Exception:
        log.exception("%s: could not %s “%s”", execution_id, chore.kind, chore.key)
        return False
