"""How far a question is that several people have to approve."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flows.models import Interrupt, Vote
from flows.services import policies


@dataclass(frozen=True, slots=True)
class Round:
    """One stage as it is shown; `state` is done, now or later."""

    name: str
    people: str
    quorum: int
    votes: list[Vote]
    state: str

    @property
    def missing(self) -> int:
        return max(0, self.quorum - len(self.votes))


@dataclass(frozen=True, slots=True)
class Voting:
    """`mine` is what the person has said in the present stage, `undo_until` while they can take it back."""

    rounds: list[Round]
    mine: Vote | None

    @property
    def undo_until(self) -> datetime | None:
        return self.mine.effective_at if self.mine and self.mine.can_be_undone else None


def voting_of(interrupt: Interrupt, user: Any) -> Voting | None:
    """None for a question that one answer closes."""
    if not policies.counts_votes(interrupt):
        return None
    votes = list(Vote.objects.filter(interrupt=interrupt).select_related("by").order_by("created_at", "id"))
    stages = policies.stages_of(interrupt.policy)
    rounds = [_round(interrupt, number, stage, votes) for number, stage in enumerate(stages)]
    mine = [vote for vote in votes if vote.by_id == user.pk and vote.stage == interrupt.stage]
    return Voting(rounds, mine[0] if mine and interrupt.is_waiting else None)


def _round(interrupt: Interrupt, number: int, stage: policies.Stage, votes: list[Vote]) -> Round:
    given = [vote for vote in votes if vote.stage == number]
    is_over = number < interrupt.stage or len(given) >= stage.quorum
    state = "done" if is_over else "now" if number == interrupt.stage and interrupt.is_waiting else "later"
    return Round(stage.name, policies.named(stage.audience), stage.quorum, given, state)
