"""How a worker comes by executions."""

import time
from collections import Counter

from flows import conf
from flows.store import crash, queue
from flows.worker import parking
from flows.worker.clock import Clock
from flows.worker.held import Held
from flows.worker.holdings import Holdings


class Claiming:
    """Adds what it claims to the holdings. `look`: whether there may be something to claim."""

    def __init__(self, holds: Holdings, clock: Clock, claimer: queue.Claimer) -> None:
        self.look = True
        self._holds, self._clock, self._claimer = holds, clock, claimer
        self._in_doubt = False  # whether a claim got no answer, and may have leased something to nobody
        self._turn = 0  # counts the claims that brought something
        self._turns: dict[tuple[str, str], int] = {}  # the last one that brought something of (queue, flow)
        self._suspect: Held | None = None  # the one that may be what kills its workers, and until when
        self._suspect_until = 0.0

    def claim(self, limit: int) -> int:
        """Claim at most `limit` executions that are due; how many there were."""
        if self._in_doubt:
            queue.release_strays(kept=list(self._holds.by_id), owner=self._claimer.owner)
        self._in_doubt = True
        claims = queue.claim(self._claimer, limit=limit, loads=self._loads())
        self._in_doubt = False
        brought = Counter((claim.queue, claim.flow) for claim in claims)
        self.look = len(claims) == limit or any(brought[c.queue, c.flow] >= c.share for c in claims)
        self._turn += 1
        self._turns |= dict.fromkeys(brought, self._turn)
        for claim in self._set_apart(claims):
            self._adopt(claim)
        crash.point("claim.known")
        return len(claims)

    def _loads(self) -> list[queue.Load]:
        held = self._holds.count_by_flow()
        return [queue.Load(*lane, held[lane], turn) for lane, turn in self._turns.items()]

    def _set_apart(self, claims: list[queue.Claim]) -> list[queue.Claim]:
        """Keep one suspect at a time: together, the guilty one would take the others along each time."""
        suspects = [claim for claim in claims if parking.suspicious(claim)]
        if not suspects:
            return claims
        later = {claim.id for claim in suspects[1 if self._has_no_suspect() else 0 :]}
        queue.release(
            ids=list(later), owner=self._claimer.owner, delay_seconds=conf.get("FLOWS_POLL_SECONDS")
        )
        return [claim for claim in claims if claim.id not in later]

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
