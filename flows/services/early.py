"""Answers that know the execution and the key of the question, and may come before it is asked."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from flows import engine
from flows.models import Event, EventKind, Given, Interrupt, InterruptStatus, Message, MessageKind
from flows.services import executions, interrupts
from flows.services.answers import received
from flows.services.arguments import door_named, short_text
from flows.services.errors import Conflict, FlowsError, InvalidAnswer, InvalidInput, Problem
from flows.services.judging import judge
from flows.store import answers, doors


def answer(
    *,
    execution_id: UUID | str,
    key: str,
    answer: Any,
    by: Any = None,
    door: str = "webhook",
    request_id: str | None = None,
) -> Given | None:
    """Answer the interrupt whose `interrupt_id` in the flow is `key`, now or as soon as it is asked.

    None when it is kept for later; it is used once, and judged then: see `deliver`. The same
    `request_id` with the same answer is kept once. Raises what `decide` raises, NotFound for the
    execution, and Conflict when another answer is kept or the execution has ended.
    """
    execution = executions.find(execution_id, by)
    key = _key(key)
    given = {"answer": _tagged(answer), "door": door_named(door).value, "by": by and by.pk}
    body = {"key": key, **given, "request_id": short_text("request_id", request_id)}
    with transaction.atomic():
        doors.lock(execution.pk)
        asked = Interrupt.objects.filter(execution=execution, key=key).order_by("-created_at").first()
        if asked is None:
            _keep(execution.pk, body)
            return None
    return interrupts.decide(interrupt_id=asked.pk, answer=answer, by=by, door=door, request_id=request_id)


def deliver(*, execution_id: UUID, key: str) -> bool:
    """Answer the waiting interrupt of this key with what came before it; False when there is nothing to do.

    An answer that is refused is gone; the event "answer.refused" says why, and the question waits on.
    """
    is_there, refusal = _judged(execution_id, key)  # runs the author's code: before anything is locked
    if not is_there:
        return False
    with transaction.atomic():
        doors.lock(execution_id)
        interrupt = Interrupt.objects.filter(
            execution_id=execution_id, key=key, status=InterruptStatus.WAITING
        ).first()
        body = answers.take_early(id=execution_id, key=key) if interrupt else None
        if interrupt is None or body is None:
            return False
        try:
            if refusal:
                raise refusal
            _decide(interrupt, body)
        except FlowsError as error:
            detail = {"reason": error.message, "answer": body["answer"]}
            Event.objects.create(
                execution_id=execution_id,
                interrupt=interrupt,
                kind=EventKind.ANSWER_REFUSED,
                actor_id=body["by"],
                door=body["door"],
                detail=detail,
            )
    return True


def _judged(execution_id: UUID, key: str) -> tuple[bool, InvalidAnswer | None]:
    """Whether there is an answer to deliver, and why it may not be the answer (None: it may).

    Once the question is open no more answers are kept for it, so what is read here is what will be taken.
    """
    waiting = Interrupt.objects.filter(execution_id=execution_id, key=key, status=InterruptStatus.WAITING)
    interrupt = waiting.first()
    kept = Message.objects.filter(execution_id=execution_id, kind=MessageKind.EARLY).order_by("id")
    body = next((message.body for message in kept if message.body["key"] == key), None)
    if interrupt is None or body is None:
        return False, None
    by = _person(body)
    try:
        value = received(interrupt, engine.restore_json(body["answer"]))
        judge(interrupt, value, by.get_username() if by else None)
    except InvalidAnswer as error:
        return True, error
    return True, None


def _person(body: dict[str, Any]) -> User | None:
    return User.objects.filter(pk=body["by"]).first() if body["by"] else None


def _decide(interrupt: Interrupt, body: dict[str, Any]) -> None:
    interrupts.decide_judged(
        interrupt=interrupt,
        answer=engine.restore_json(body["answer"]),
        by=_person(body),
        door=body["door"],
        request_id=body["request_id"],
    )


def _keep(execution_id: UUID, body: dict[str, Any]) -> None:
    kept = Message.objects.filter(execution_id=execution_id, kind=MessageKind.EARLY)
    same_key = [message.body for message in kept if message.body["key"] == body["key"]]
    if same_key and (same_key[0] != body or body["request_id"] is None):
        raise Conflict(f"Another answer is kept already for “{body['key']}”.")
    if not same_key and not answers.keep_early(id=execution_id, body=body):
        raise Conflict("This execution has ended: it will not ask any more.")


def _key(key: Any) -> str:
    text = short_text("key", key)
    if not text:
        raise InvalidInput([Problem(("key",), "Must be the interrupt_id that the flow gives its question.")])
    return text


def _tagged(answer: Any) -> Any:
    try:
        return engine.canonical_json(answer)
    except engine.NotJSON as error:
        raise InvalidAnswer.not_json(error) from None
