"""The services that a process is killed in, each with what comes before its call and after."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flows.models import Execution, Interrupt, Message
from flows.services import early, executions, interrupts, timers
from tests.durable import work

AN_HOUR = 3600.0
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Service:
    """`prepare` takes the input of an execution and gives what `call` is called with; `happened` says
    whether the database knows of the call, and `end` what becomes of the execution then."""

    prepare: Callable[[dict[str, Any]], Any]
    call: Callable[[Any], object]
    happened: Callable[[Any], bool]
    end: str = "completed"
    is_repeatable: bool = False  # calling again gives the first result
    places: tuple[str, ...] = ("before", "written", "committed")
    is_one_statement: bool = False  # and so committed as soon as it is written

    def is_done_at(self, place: str) -> bool:
        return place == "committed" or (self.is_one_statement and place == "written")


@dataclass(frozen=True)
class Request:
    """A start that was asked for."""

    input: dict[str, Any]
    id: str

    @property
    def executions(self) -> Any:
        return Execution.objects.filter(request_id=self.id)


def started(input: dict[str, Any], flow: str = "crash.ask") -> Execution:
    return executions.start(flow=flow, input=input)


def asked(input: dict[str, Any], flow: str = "crash.ask") -> Interrupt:
    """The waiting question of a new execution."""
    execution = started(input, flow)
    work()
    return Interrupt.objects.get(execution=execution)


def answered_by_mistake(input: dict[str, Any]) -> Interrupt:
    interrupt = asked(input | {"undo_seconds": AN_HOUR})
    interrupts.decide(interrupt_id=interrupt.pk, answer="oh", door="browser")
    return interrupt


def overdue(input: dict[str, Any]) -> Interrupt:
    interrupt = asked(input | {"expires_in": AN_HOUR, "on_expire": "cancel"})
    Interrupt.objects.filter(pk=interrupt.pk).update(expires_at=LONG_AGO)
    return interrupt


def failed(input: dict[str, Any]) -> Execution:
    execution = started(input, "crash.flaky")
    work()
    return execution


def status_is(status: str) -> Callable[[Any], bool]:
    return lambda row: type(row).objects.get(pk=row.pk).status == status


def has_message(kind: str) -> Callable[[Execution], bool]:
    return lambda execution: Message.objects.filter(execution=execution, kind=kind).exists()


SERVICES = {
    "start": Service(
        lambda given: Request(given, str(datetime.now(UTC))),
        lambda request: executions.start(flow="crash.ask", input=request.input, request_id=request.id),
        lambda request: request.executions.exists(),
        is_repeatable=True,
        is_one_statement=True,
    ),
    "answer": Service(
        asked,
        lambda row: interrupts.decide(interrupt_id=row.pk, answer="yes", request_id="once"),
        status_is("answered"),
        is_repeatable=True,
        is_one_statement=True,
    ),
    "undo": Service(
        answered_by_mistake, lambda row: interrupts.undo(interrupt_id=row.pk), status_is("waiting")
    ),
    "emit": Service(
        lambda given: asked(given | {"resume_event": "Go"}, "crash.event").execution,
        lambda row: executions.emit(execution_id=row.pk, event="Go", value="yes"),
        has_message("emit"),
    ),
    "retry": Service(failed, lambda row: executions.retry(execution_id=row.pk), status_is("running")),
    "cancel": Service(
        lambda given: asked(given).execution,
        lambda row: executions.cancel(execution_id=row.pk, reason="enough"),
        status_is("cancelled"),
        end="cancelled",
    ),
    "expire": Service(
        overdue,
        lambda row: timers.expire(execution_id=row.execution_id, key=row.key),
        status_is("expired"),
        end="cancelled",
    ),
    "early": Service(
        lambda given: started(given | {"interrupt_id": "known"}),
        lambda row: early.answer(execution_id=row.pk, key="known", answer="early", request_id="once"),
        has_message("early"),
        is_repeatable=True,
        places=("before", "kept"),
    ),
}


def call_each(verb: str, targets: list[Any], acknowledged: Path) -> None:
    """Call the service for one after the other, and note each that came back."""
    for target in targets:
        SERVICES[verb].call(target)
        with acknowledged.open("a") as file:
            file.write(verb)


def execution_of(target: Any) -> Execution:
    if isinstance(target, Request):
        return target.executions.get()
    return Execution.objects.get(pk=getattr(target, "execution_id", target.pk))
