"""Counting approvals: how several answers of people become the one answer of an interrupt."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import ngettext

from flows.live import hints
from flows.models import VOTED, Interrupt, InterruptStatus, Vote
from flows.services import policies
from flows.services.attempt import Attempt
from flows.services.errors import AlreadyVoted, RequestReused
from flows.services.people import name_of
from flows.services.schemas import same_json
from flows.store import answers, crash, doors, votes


def cast(attempt: Attempt, interrupt: Interrupt, value: Any, *, undo_seconds: float) -> Vote | None:
    """Write the vote of a person who may answer, and count when it counts at once; the execution is locked.

    None when the interrupt waits no longer. The same `request_id` with the same value gives the first
    vote again. Raises AlreadyVoted, RequestReused.
    """
    given = votes.Cast(
        interrupt_id=interrupt.pk, value=value, request_id=attempt.request_id, undo_seconds=undo_seconds
    )
    written = votes.cast(given, attempt.origin)
    if written is None:
        return _earlier(interrupt, attempt, value)
    crash.after_commit("vote.committed")
    hints.after_commit(hints.topics_of(interrupt.execution_id, [interrupt.audience]))
    if written.effective_at is None:
        count(interrupt)
    vote = Vote.objects.select_related("by").get(pk=written.id)
    vote.interrupt = interrupt
    return vote


def count(interrupt: Interrupt) -> bool:
    """Go to the next stage, or write the answer, if enough people have approved; the execution is locked."""
    stage = policies.present_stage(interrupt)
    counted = list(counting(interrupt).order_by("created_at", "id"))
    if len(counted) < stage.quorum:
        return False
    if policies.is_at_last_stage(interrupt):
        return _close(interrupt, counted[-1])
    return _advance(interrupt)


def tally(*, execution_id: UUID, key: str) -> bool:
    """Count the votes on an interrupt whose time to be taken back is over; False when there is nothing to do.

    While its execution has failed the votes wait with it.
    """
    asked = Interrupt.objects.filter(execution_id=execution_id, key=key)
    with transaction.atomic():
        doors.lock(execution_id)
        if asked.filter(status=InterruptStatus.SUSPENDED).exists():
            return False
        if not votes.take(execution_id=execution_id, key=key):
            return False
        waiting = asked.filter(status=InterruptStatus.WAITING).first()
        if waiting is not None:
            count(waiting)
    return True


def withdraw(interrupt: Interrupt, origin: doors.Origin) -> bool:
    """Take back a person's vote that does not count yet; the execution is locked."""
    if not votes.withdraw(interrupt_id=interrupt.pk, origin=origin):
        return False
    hints.after_commit(hints.topics_of(interrupt.execution_id, [interrupt.audience]))
    return True


def counting(interrupt: Interrupt) -> QuerySet[Vote]:
    """The votes of the present stage that cannot be taken back any more."""
    counts = Q(effective_at=None) | Q(effective_at__lte=Now())
    return Vote.objects.filter(counts, interrupt=interrupt, stage=interrupt.stage).select_related("by")


def vote_of(user: Any, interrupt: Interrupt) -> Vote | None:
    """What `user` has said in the present stage."""
    return Vote.objects.filter(interrupt=interrupt, stage=interrupt.stage, by=user).first()


def _earlier(interrupt: Interrupt, attempt: Attempt, value: Any) -> Vote | None:
    """The first vote, for a repeated request; None when the person has not voted."""
    vote = vote_of(attempt.by, interrupt)
    if vote is None:
        return None
    if attempt.request_id is None or vote.request_id != attempt.request_id:
        raise AlreadyVoted(_waits_for(interrupt))
    if not same_json(vote.value, value):
        raise RequestReused(attempt.request_id)
    return vote


def _waits_for(interrupt: Interrupt) -> str:
    stage = policies.present_stage(interrupt)
    missing = stage.quorum - counting(interrupt).count()
    told = ngettext(
        "You have approved this already. It waits for one more person of %(who)s.",
        "You have approved this already. It waits for %(count)s more people of %(who)s.",
        max(1, missing),
    )
    return told % {"count": missing, "who": policies.named(stage.audience)}


def _close(interrupt: Interrupt, last: Vote) -> bool:
    """The answer is what the last of them said; the flow is told of all."""
    origin = doors.Origin(last.by_id, last.door)
    answer = answers.Answer(
        execution_id=interrupt.execution_id,
        interrupt_id=interrupt.pk,
        value=last.value,
        username=last.by.get_username(),
        name=name_of(last.by),
        request_id=last.request_id,
        votes=_told(interrupt),
    )
    if answers.answer(answer, origin) is None:
        return False
    crash.after_commit("tally.committed")
    hints.after_commit(hints.topics_of(interrupt.execution_id, [interrupt.audience]), work=True)
    return True


def _advance(interrupt: Interrupt) -> bool:
    following = policies.stages_of(interrupt.policy)[interrupt.stage + 1]
    seen_by = [token for token in interrupt.audience if token.startswith(VOTED)]
    seen_by += [f"{VOTED}{vote.by.get_username()}" for vote in counting(interrupt)]
    audience = [*following.audience, *dict.fromkeys(seen_by)]
    if not votes.advance(interrupt_id=interrupt.pk, stage=interrupt.stage, audience=audience):
        return False
    crash.after_commit("advance.committed")
    hints.after_commit(hints.topics_of(interrupt.execution_id, [interrupt.audience, audience]))
    interrupt.stage, interrupt.audience = interrupt.stage + 1, audience
    return True


def _told(interrupt: Interrupt) -> list[dict[str, Any]]:
    """Every approval, as `data.resume.response["votes"]` says it."""
    given = Vote.objects.filter(interrupt=interrupt).select_related("by").order_by("created_at", "id")
    return [
        {
            "by": vote.by.get_username(),
            "name": name_of(vote.by),
            "door": vote.door,
            "at": vote.created_at.isoformat(),
            "stage": vote.stage,
            "comment": vote.value.get("comment") if isinstance(vote.value, dict) else None,
        }
        for vote in given
    ]
