"""Starting, retrying and cancelling executions, and looking at how far they are."""

import uuid
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils.translation import gettext

from flows import engine, registry
from flows.live import hints
from flows.models import Execution
from flows.models.execution import new_uuid
from flows.services.arguments import door_named, short_text, uuid_of
from flows.services.errors import (
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
    Problem,
    RequestReused,
    UnknownFlow,
)
from flows.services.people import present
from flows.services.progress import StepProgress, progress, state, times_done, waiting_at
from flows.services.schemas import problems_of, same_json
from flows.store import crash, doors

__all__ = [
    "StepProgress",
    "cancel",
    "emit",
    "find",
    "may_start",
    "progress",
    "registered",
    "retry",
    "start",
    "state",
    "times_done",
    "waiting_at",
]


def start(
    *, flow: str, input: Any, by: Any = None, request_id: str | None = None, door: str = "code"
) -> Execution:
    """A new durable execution of the flow of that name, which a worker takes up at once.

    `input` is JSON that fits the flow's input schema. The same `request_id` with the same flow,
    input and person gives the first execution again. Raises UnknownFlow, NotAllowed, InvalidInput,
    RequestReused.
    """
    person = present(by)
    registration = registered(flow)
    if not may_start(person, registration):
        groups = ", ".join(registration.start_groups)
        told = gettext("Only members of %(groups)s may start “%(flow)s”.")
        raise NotAllowed(told % {"groups": groups, "flow": registration.title})
    value = _input(input, registration)
    origin = doors.Origin(person and person.pk, door_named(door))
    request_id = short_text("request_id", request_id)
    id = new_uuid()
    new = doors.New(id, flow, registration.queue, value, request_id)
    now = doors.start(new, origin=origin)
    if now is None:
        return _repeated(str(request_id), flow, value, origin)
    crash.after_commit("start.committed")
    hints.after_commit(hints.topics_of(id), work=True)
    execution = Execution(
        id=id, flow=flow, queue=registration.queue, input=value, requester=person, request_id=request_id
    )
    return _started(execution, now)


def retry(*, execution_id: uuid.UUID | str, by: Any = None, door: str = "code") -> Execution:
    """Run what failed again; what was done before is kept. Raises NotFound, NotAllowed, Conflict."""
    origin = doors.Origin(by and by.pk, door_named(door))
    with transaction.atomic():
        execution = _locked(execution_id, by)
        tokens = doors.retry(id=execution.pk, origin=origin)
        if tokens is None:
            told = gettext("Only a failed execution can be retried; this one is %(status)s.")
            raise Conflict(told % {"status": gettext(execution.status)})
        crash.after_commit("retry.committed")
        hints.after_commit(hints.topics_of(execution.pk, [tokens]), work=True)
    execution.refresh_from_db()
    return execution


def emit(
    *,
    execution_id: uuid.UUID | str,
    event: str,
    value: Any = None,
    by: Any = None,
    door: str = "code",
    request_id: str | None = None,
) -> Execution:
    """Send an event into a running execution: starts the chains that listen to it, and resolves the
    questions that wait on it. A failed execution takes it up when it is retried.

    The same `request_id` with the same event and value by the same person sends nothing a second time. Raises
    NotFound, NotAllowed, InvalidInput (the event's name, or a value that is no JSON), Conflict when it has
    ended, RequestReused.
    """
    origin = doors.Origin(by and by.pk, door_named(door))
    sent = doors.Emit(event, _event_value(event, value), short_text("request_id", request_id), origin.by)
    with transaction.atomic():
        execution = _locked(execution_id, by)
        if not _was_sent(execution, sent):
            _send(execution, sent, origin)
    return execution


def cancel(*, execution_id: uuid.UUID | str, reason: str, by: Any = None, door: str = "code") -> Execution:
    """End an execution for good: its questions are withdrawn, what runs at this moment is not kept.

    Raises NotFound, NotAllowed, InvalidInput (the reason), Conflict when it has ended already.
    """
    origin = doors.Origin(by and by.pk, door_named(door))
    reason = short_text("reason", reason) or ""
    with transaction.atomic():
        execution = _locked(execution_id, by)
        tokens = doors.cancel(id=execution.pk, reason=reason, origin=origin)
        if tokens is None:
            told = gettext("This execution cannot be cancelled any more: it is %(status)s.")
            raise Conflict(told % {"status": gettext(execution.status)})
        crash.after_commit("cancel.committed")
        hints.after_commit(hints.topics_of(execution.pk, [tokens]))
    execution.refresh_from_db()
    return execution


def registered(flow: str) -> registry.Registration:
    """The registration of that name; raises UnknownFlow."""
    try:
        return registry.get(flow)
    except registry.UnknownFlow as error:
        raise UnknownFlow(error.name, error.known) from None


def may_start(user: User | None, registration: registry.Registration) -> bool:
    """Whether `user` (None: code) may start this flow."""
    if user is None or not registration.start_groups or user.is_superuser:
        return True
    return user.groups.filter(name__in=registration.start_groups).exists()


def find(execution_id: uuid.UUID | str, by: Any = None) -> Execution:
    """The execution, if `by` (None: code) may know of it; raises NotFound, NotAllowed."""
    person = present(by)
    executions = Execution.objects.all() if person is None else Execution.objects.visible_to(person)
    found = executions.filter(pk=uuid_of("execution", execution_id)).first()
    if found is None:
        raise NotFound("execution", execution_id)
    return found


def _locked(execution_id: uuid.UUID | str, by: Any) -> Execution:
    """The execution with its row held, as it is now; `by` must be its requester or see all executions."""
    doors.lock(find(execution_id, by).pk)
    execution = find(execution_id, by)
    person = present(by)
    if person and execution.requester_id != person.pk and not person.has_perm("flows.view_execution"):
        raise NotAllowed(gettext("Only who started an execution, or who may see all of them, can do this."))
    return execution


def _event_value(event: str, value: Any) -> Any:
    """The value as tagged JSON, for an event that may be sent."""
    try:
        engine.check_event(event)
        return engine.canonical_json(value)
    except engine.NotJSON as error:
        raise InvalidInput.not_json(error) from None
    except ValueError as error:
        raise InvalidInput([Problem(("event",), str(error))]) from None


def _was_sent(execution: Execution, sent: doors.Emit) -> bool:
    """Whether this request was there before; raises RequestReused when it said something else."""
    if sent.request_id is None:
        return False
    first = doors.emitted(id=execution.pk, request_id=sent.request_id)
    if first is not None and (
        (first.event, first.by) != (sent.event, sent.by) or not same_json(first.value, sent.value)
    ):
        raise RequestReused(sent.request_id)
    return first is not None


def _send(execution: Execution, sent: doors.Emit, origin: doors.Origin) -> None:
    tokens = doors.emit(sent, id=execution.pk, origin=origin)
    if tokens is None:
        told = gettext("This execution takes no events any more: it is %(status)s.")
        raise Conflict(told % {"status": gettext(execution.status)})
    crash.after_commit("emit.committed")
    hints.after_commit(hints.topics_of(execution.pk, [tokens]), work=True)


def _input(input: Any, registration: registry.Registration) -> Any:
    schema = registration.input_schema
    try:
        value = engine.canonical_json(input)
        registration.flow.definition.contract.check("initial_input", input)
    except engine.NotJSON as error:
        raise InvalidInput.not_json(error) from None
    except engine.ContractError as error:
        raise InvalidInput([Problem(error.path, error.problem)]) from None
    if schema is not None and (problems := problems_of(engine.plain_json(value), schema)):
        raise InvalidInput(problems)
    return value


def _started(execution: Execution, now: datetime) -> Execution:
    """The row as it stands in the database, without asking for it again."""
    execution.wake_at = execution.created_at = execution.updated_at = now
    execution._state.adding, execution._state.db = False, connection.alias
    return execution


def _repeated(request_id: str, flow: str, value: Any, origin: doors.Origin) -> Execution:
    first = Execution.objects.select_related("requester").get(request_id=request_id)
    if (first.flow, first.requester_id) != (flow, origin.by) or not same_json(first.input, value):
        raise RequestReused(request_id)
    return first
