"""How a worker comes by executions."""

import time
from collections import Counter

from flows.store import crash, queue
from flows.worker import parking
from flows.worker.clock import Clock
from flows.worker.held import Held
from flows.worker.holdings import Holdings


class Claiming:
    """Adds what it claims to the holdings.

    Of suspects one at a time: together, the guilty one would take the others along each time.
    """

    def __init__(self, holds: Holdings, clock: Clock, claimer: queue.Claimer) -> None:
        self._look = True
        self._holds, self._clock, self._claimer = holds, clock, claimer
        self._in_doubt = False  # whether a claim got no answer, and may have leased something to nobody
        self._turn = 0  # counts the claims that brought something
        self._turns: dict[tuple[str, str], int] = {}  # the last one that brought something of (queue, flow)
        self._suspect: Held | None = None  # the one that may be what kills its workers, and until when
        self._suspect_until = 0.0
        self._more_suspects = False  # whether others may wait for their turn

    @property
    def look(self) -> bool:
        """Whether there may be something to claim."""
        return self._look or (self._more_suspects and self._has_no_suspect())

    @look.setter
    def look(self, value: bool) -> None:
        self._look = value

    def claim(self, limit: int) -> int:
        """Claim at most `limit` executions that are due; how many there were."""
        if self._in_doubt:
            queue.release_strays(kept=list(self._holds.by_id), owner=self._claimer.owner)
        self._in_doubt = True
        apart = queue.Apart(parking.suspect_counts(), barred=not self._has_no_suspect())
        claims = queue.claim(self._claimer, limit=limit, loads=self._loads(), apart=apart)
        self._in_doubt = False
        if not apart.barred:
            self._more_suspects = any(map(parking.suspicious, claims))
        brought = Counter((claim.queue, claim.flow) for claim in claims)
        full = len(claims) == limit or any(brought[c.queue, c.flow] >= c.share for c in claims)
        self.look = full or (self._more_suspects and not apart.barred)  # they may have hidden others
        self._turn += 1
        self._turns |= dict.fromkeys(brought, self._turn)
        for claim in claims:
            self._adopt(claim)
        crash.point("claim.known")
        return len(claims)

    def _loads(self) -> list[queue.Load]:
        held = self._holds.count_by_flow()
        return [queue.Load(*lane, held[lane], turn) for lane, turn in self._turns.items()]

    def _has_no_suspect(self) -> bool:
        """Whether the last one has come further, is gone, or has lived so long that it may have company."""
        suspect = self._suspect
        if suspect is None or not self._holds.has(suspect) or not suspect.claims:
            return True
        return time.monotonic() >= self._suspect_until

    def _adopt(self, claim: queue.Claim) -> None:
        known = self._holds.by_id.get(claim.id)
        if known is not None and claim.epoch == known.epoch + 1:  # our own lease had run out, to nobody
            known.epoch = claim.epoch
            return
        if known is not None:
            self._holds.drop(known)
        held = Held(claim, self._clock, self._claimer.queues)
        self._holds.add(held)
        if parking.suspicious(claim):
            self._suspect, self._suspect_until = held, time.monotonic() + self._claimer.lease_seconds
        held.receive(claim.mail)
        if claim.message_seq > claim.mail.message_seq:
            self._holds.to_read.add(held.id)
