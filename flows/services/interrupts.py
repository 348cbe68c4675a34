"""Answering interrupts. `decide` is the one door: nothing else writes an answer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_noop

from flows import conf
from flows.live import hints
from flows.models import Door, Given, Interrupt, InterruptStatus, Response, Vote
from flows.models.interrupt import InterruptQuerySet
from flows.services import policies, votes
from flows.services.answers import answer_schema, received
from flows.services.arguments import door_named, short_text, uuid_of
from flows.services.attempt import Attempt
from flows.services.errors import (
    AlreadyClosed,
    InvalidAnswer,
    NotAllowed,
    NotFound,
    OnHold,
    RequestReused,
    StaleQuestion,
    TooLate,
)
from flows.services.foreign import outgoing
from flows.services.judging import judge
from flows.services.people import name_of, present
from flows.services.schemas import same_json
from flows.store import answers, crash, doors, rights, rows

__all__ = ["answer_schema", "decide", "find", "open_for", "undo"]

NOT_YOURS = gettext_noop("Only who gave an answer can take it back.")


def decide(
    *,
    interrupt_id: UUID | str,
    answer: Any,
    by: Any = None,
    door: str = "code",
    request_id: str | None = None,
    digest: str | None = None,
    address: str | None = None,
    undo_longer: float = 0.0,
) -> Given:
    """Answer a waiting interrupt and wake its execution; of any number of answers exactly one wins.

    `answer` has the shape of `answer_schema(interrupt)`; `by` is a user, None for code. The same
    `request_id` with the same answer by the same person gives the first result again. `digest`
    is that of the question as it was shown. Where the policy asks for several people, an approval of one
    is a Vote, even when it is the last one; a rejection is the answer at once, and so is what code says.
    `undo_longer`: seconds for which it can be taken back beyond the usual, where it can be at all; many
    answers given together can so be taken back together.

    Raises NotFound (none that `by` may know of), NotAllowed, StaleQuestion, InvalidAnswer,
    AlreadyClosed (who, when and what), AlreadyVoted, OnHold (its execution has failed), RequestReused,
    InvalidInput (a bad argument). DESIGN.md, 4.
    """
    attempt = Attempt(
        uuid_of("interrupt", interrupt_id),
        answer,
        by,
        door_named(door),
        short_text("request_id", request_id),
        digest,
        short_text("address", address) or "",
        undo_longer,
    )
    interrupt = find(attempt.interrupt_id, by)
    if not interrupt.is_waiting:
        return _earlier(interrupt, attempt)
    if digest is not None and digest != interrupt.digest:
        raise StaleQuestion
    # A question never changes, so judging the answer needs no lock.
    value = received(interrupt, answer)
    if attempt.door is not Door.TIMER:  # what its author wrote for the end of its time is not judged again
        judge(interrupt, value, by and by.get_username())
    return _accept(attempt, interrupt, value)


def decide_judged(*, interrupt: Interrupt, answer: Any, by: Any, door: str, request_id: str | None) -> Given:
    """`decide` for a caller that holds the execution's row and has called `judge` before it took it."""
    attempt = Attempt(interrupt.pk, answer, by, door_named(door), request_id, None, "")
    return _accept(attempt, find(interrupt.pk, by), received(interrupt, answer))


def _accept(attempt: Attempt, interrupt: Interrupt, value: Any) -> Given:
    by = attempt.by
    is_counted = by is not None and policies.counts_votes(interrupt) and value["approved"]
    value = outgoing(interrupt, value)
    if by is None and (response := _write(attempt, interrupt, value)):
        return response
    with transaction.atomic():  # who was faster must not take it back while it is said who that was
        doors.lock(interrupt.execution_id)
        interrupt = find(attempt.interrupt_id, by)
        if is_counted:
            return _vote(attempt, interrupt, value)
        return _write(attempt, interrupt, value) or _earlier(interrupt, attempt)


def undo(*, interrupt_id: UUID | str, by: Any = None, door: str = "code") -> Interrupt:
    """Take back an answer, or a vote, that is not in effect yet; the question waits again, for everybody.

    `by` must be who gave it. Raises NotFound, NotAllowed, TooLate.
    """
    person, key = present(by), uuid_of("interrupt", interrupt_id)
    response = Response.objects.select_related("interrupt").filter(interrupt=key).first()
    if response is None and person and (vote := _open_vote(person, key)):
        return _undo_vote(vote, doors.Origin(person.pk, door_named(door)))
    if response is None or (person and response.by_id != person.pk):
        raise NotFound("answer to", interrupt_id) if response is None else NotAllowed(gettext(NOT_YOURS))
    with transaction.atomic():
        doors.lock(response.execution_id)
        origin = doors.Origin(person and person.pk, door_named(door))
        if not answers.undo(interrupt_id=key, origin=origin):
            raise TooLate
        interrupt = response.interrupt
        crash.after_commit("undo.committed")
        hints.after_commit(hints.topics_of(interrupt.execution_id, [interrupt.audience]), work=True)
    interrupt.refresh_from_db()
    return interrupt


def find(interrupt_id: UUID | str, by: Any = None) -> Interrupt:
    """The interrupt, if `by` (None: code) may answer it now.

    Raises NotFound when there is none that they may know of, NotAllowed when they may know of it only.
    """
    person = present(by)
    key = uuid_of("interrupt", interrupt_id)
    found = rows.by_key(Interrupt, key)
    if found is not None and person is not None and not _is_asked(person, found):
        found = None
    if found is None and person is not None:
        _say_whose_turn(person, key)
    if found is None and person is not None and Interrupt.objects.filter(pk=key, excluded=person).exists():
        raise NotAllowed(gettext("You started this yourself, so somebody else has to answer it."))
    if found is None:
        raise NotFound("interrupt", interrupt_id)
    return found


def _is_asked(person: User, interrupt: Interrupt) -> bool:
    """Whether it is among those `answerable_by` them, without reading it again."""
    if interrupt.excluded_id == person.pk:
        return False
    return person.is_superuser or not set(interrupt.audience).isdisjoint(rights.tokens_of(person))


def open_for(user: Any) -> InterruptQuerySet:
    """What waits for an answer of `user` (None: of anybody), newest first."""
    waiting = Interrupt.objects.waiting() if user is None else Interrupt.objects.waiting_for(user)
    return waiting.order_by("-created_at", "-id")


def undo_window(interrupt: Interrupt) -> float:
    """Seconds in which an answer from the browser can be taken back: its author's, else the site's."""
    own = interrupt.undo_seconds
    return float(conf.get("FLOWS_UNDO_SECONDS")) if own is None else own


def _say_whose_turn(person: User, key: UUID) -> None:
    """Raises NotAllowed for somebody who approved in an earlier stage, while others are asked."""
    seen = Interrupt.objects.visible_to(person).filter(pk=key).first()
    if seen is not None:
        now = policies.named(policies.present_stage(seen).audience)
        told = gettext("You have approved this already; now it is for %(who)s to decide.")
        raise NotAllowed(told % {"who": now})


def _vote(attempt: Attempt, interrupt: Interrupt, value: Any) -> Vote:
    seconds = _undo_seconds(attempt, interrupt)
    vote = votes.cast(attempt, interrupt, value, undo_seconds=seconds)
    if vote is None:
        _earlier(find(interrupt.pk), attempt)  # raises: whoever has not voted cannot have answered
        raise NotFound("open question", interrupt.pk)
    return vote


def _open_vote(person: User, key: UUID) -> Vote | None:
    mine = Vote.objects.filter(interrupt=key, by=person, stage=F("interrupt__stage"))
    return mine.select_related("interrupt").first()


def _undo_vote(vote: Vote, origin: doors.Origin) -> Interrupt:
    interrupt = vote.interrupt
    with transaction.atomic():
        doors.lock(interrupt.execution_id)
        if not votes.withdraw(interrupt, origin):
            raise TooLate
        crash.after_commit("unvote.committed")
    interrupt.refresh_from_db()
    return interrupt


def _write(attempt: Attempt, interrupt: Interrupt, value: Any) -> Response | None:
    """The writes, in one statement; None when it does not wait any more, or its time is over. The rights of a
    person were looked at under the same lock."""
    by: User | None = attempt.by
    written = answers.answer(
        answers.Answer(
            execution_id=interrupt.execution_id,
            interrupt_id=interrupt.pk,
            value=value,
            username=None if by is None else by.get_username(),
            name=None if by is None else name_of(by),
            request_id=attempt.request_id,
            status=attempt.becomes,
            undo_seconds=_undo_seconds(attempt, interrupt),
        ),
        attempt.origin,
    )
    if written is None:
        return None
    crash.after_commit("answer.committed")
    hints.after_commit(hints.topics_of(interrupt.execution_id, [interrupt.audience]), work=True)
    return _written(written, attempt, interrupt, value)


def _undo_seconds(attempt: Attempt, interrupt: Interrupt) -> float:
    usual = undo_window(interrupt) if attempt.door is Door.BROWSER else 0.0
    return usual + attempt.undo_longer if usual else 0.0


def _written(row: answers.Written, attempt: Attempt, interrupt: Interrupt, value: Any) -> Response:
    """The row as it stands in the database, without asking for it again."""
    interrupt.status, interrupt.closed_at = attempt.becomes, row.at
    response = Response(
        id=row.id,
        interrupt=interrupt,
        execution_id=interrupt.execution_id,
        value=value,
        by=attempt.by,
        door=attempt.door,
        request_id=attempt.request_id,
        digest=interrupt.digest,
        effective_at=row.effective_at,
        created_at=row.at,
    )
    response._state.adding, response._state.db = False, interrupt._state.db
    return response


def _earlier(interrupt: Interrupt, attempt: Attempt) -> Response:
    """The first result, for a repeated request; otherwise raises AlreadyClosed."""
    if interrupt.status == InterruptStatus.SUSPENDED:
        raise OnHold
    response = Response.objects.select_related("by", "interrupt").filter(interrupt=interrupt).first()
    if response is None or not _same_request(response, attempt):
        raise AlreadyClosed(
            _closed_message(interrupt, response),
            status=_final_status(interrupt),
            at=interrupt.closed_at or interrupt.expires_at,
            response=response,
        )
    try:
        same = same_json(outgoing(interrupt, received(interrupt, attempt.answer)), response.value)
    except InvalidAnswer:
        same = False
    if not same:
        raise RequestReused(str(attempt.request_id))
    return response


def _same_request(response: Response, attempt: Attempt) -> bool:
    by = attempt.by and attempt.by.pk
    return attempt.request_id is not None and (response.request_id, response.by_id) == (
        attempt.request_id,
        by,
    )


def _final_status(interrupt: Interrupt) -> str:
    """Its status, or "expired" while nobody has noticed yet that its time is over."""
    return InterruptStatus.EXPIRED if interrupt.is_waiting else interrupt.status


def _closed_message(interrupt: Interrupt, response: Response | None) -> str:
    status, at = _final_status(interrupt), interrupt.closed_at or interrupt.expires_at
    facts = {"status": gettext(status), "at": spoken_time(at) if at else ""}
    if status == InterruptStatus.EXPIRED:
        return gettext("This question expired on %(at)s.") % facts
    if response is None:
        why = f" {interrupt.closed_reason}" if interrupt.closed_reason else ""
        return gettext("This question was %(status)s on %(at)s.") % facts + why
    facts |= {"who": name_of(response.by), "said": _said(interrupt, response.value)}
    return gettext("%(who)s answered this already, on %(at)s: %(said)s.") % facts


def _said(interrupt: Interrupt, value: Any) -> str:
    """An answer in a few words."""
    if interrupt.type == "approval" and isinstance(value, dict) and "approved" in value:
        said = gettext("approved") if value["approved"] else gettext("rejected")
        return f"{said}, “{str(value['comment'])[:200]}”" if value.get("comment") else said
    text = value if isinstance(value, str) else str(value)
    return f"“{text[:200]}”"


def spoken_time(at: datetime) -> str:
    """A time with its zone, in the zone and the language of who asks."""
    return date_format(timezone.localtime(at), gettext("j F Y \\a\\t H:i T"))
