"""People: a process that starts, answers, emits, cancels, retries and takes back, and keeps a journal.

What a call returned is in the journal before the next call is made; what the database lost of it
afterwards is lost indeed. A call that ended in an error may have happened: people look and go on.
"""

import json
import os
import random
import threading
import time
import traceback
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from django.db import InterfaceError, InternalError, OperationalError, connection

from benchmarks.chaos.flows import ITEMS
from flows.models import Execution, Interrupt
from flows.services import errors, executions, interrupts

# The last one: whoever is not run for 300 ms within a transaction, of which the herd allows no more.
AWAY = (OperationalError, InterfaceError, InternalError)
CANCELLED = 0.02  # of all executions that wait
UNDONE = 0.3  # of all answers that can be taken back


class Model(NamedTuple):
    """A flow's steps with how often each is run, and how many questions it asks."""

    steps: dict[str, int]
    questions: int


EACH = len(ITEMS)
MODELS = {
    "sequence": Model({"begin": 1, "first": 1, "second": 1, "finish": 1}, 2),
    "batch": Model({"begin": 1, "left": 1, "right": 1, "finish": 1}, 2),
    "each": Model({"begin": 1, "item": EACH, "finish": 1}, EACH),
    "sub": Model({"begin": 1, "finish": 1}, EACH),
    "event": Model({"begin": 1, "asked": 1, "finish": 1}, 1),
    "retries": Model({"begin": 1, "computes": 1, "finish": 1}, 0),
    "fails": Model({"begin": 1, "computes": 1, "finish": 1}, 0),
    "expires": Model({"begin": 1, "asked": 1, "finish": 1}, 1),
    "reminds": Model({"begin": 1, "asked": 1, "finish": 1}, 1),
    "undone": Model({"begin": 1, "asked": 1, "finish": 1}, 1),
}


class Person:
    """Somebody with a mood, and a journal whose lines of JSON are each written whole and at once. Only the
    first of them emits: an event that two emit is two events."""

    def __init__(self, journal: Path, number: int) -> None:
        self._file = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.mood = random.Random(number)  # noqa: S311
        self.emits = number == 0

    def write(self, what: str, id: Any, value: Any = None) -> None:
        os.write(self._file, (json.dumps([what, str(id), value]) + "\n").encode())


def run(journal: str, open_at_once: int, threads: int, phase: Any) -> None:
    """Until `phase` is 2: at 0 executions are started too, at 1 only those there are go on."""
    people = [
        threading.Thread(target=_live, args=(Person(Path(journal), number), open_at_once, phase))
        for number in range(threads)
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()


def _live(person: Person, open_at_once: int, phase: Any) -> None:
    while phase.value < 2:
        try:
            if phase.value == 0:
                _start_some(person, open_at_once)
            if not _answer_some(person) + _retry_some(person):
                time.sleep(0.02)
        except AWAY:
            connection.close()
            time.sleep(0.1)
        except Exception:
            person.write("puzzled", "", traceback.format_exc())


def _start_some(person: Person, open_at_once: int) -> None:
    are_open = Execution.objects.filter(finished_at=None).count()
    for _ in range(min(open_at_once - are_open, 10)):
        flow = person.mood.choice(list(MODELS))
        input = {"fails": person.mood.choice([0, 1, 2]) if flow == "retries" else 1}
        execution = executions.start(flow=flow, input=input, request_id=str(uuid.uuid4()))
        person.write("started", execution.pk, flow)


def _answer_some(person: Person) -> int:
    waiting = Interrupt.objects.filter(status="waiting")
    newest, oldest = waiting.order_by("-created_at")[:60], waiting.order_by("created_at")[:20]
    chosen = set(oldest) | set(person.mood.sample(list(newest), min(len(newest), 10)))
    for interrupt in chosen:
        with suppress(errors.Conflict, errors.NotFound):
            _answer(person, interrupt)
    return len(chosen)


def _answer(person: Person, interrupt: Interrupt) -> None:
    if person.mood.random() < CANCELLED:
        executions.cancel(execution_id=interrupt.execution_id, reason="enough")
        person.write("cancelled", interrupt.execution_id)
    elif interrupt.resume_event:
        if person.emits:
            executions.emit(execution_id=interrupt.execution_id, event="Go", value="emitted")
    elif interrupt.flow != "expires" or person.mood.random() < 0.5:  # or its time is to come
        _decide(person, interrupt)


def _decide(person: Person, interrupt: Interrupt) -> None:
    value = f"{interrupt.payload['title']} {person.mood.random()}"
    can_undo = bool(interrupt.undo_seconds)
    interrupts.decide(
        interrupt_id=interrupt.pk,
        answer=value,
        door="browser" if can_undo else "code",
        request_id=str(uuid.uuid4()),
    )
    if can_undo and person.mood.random() < UNDONE:
        interrupts.undo(interrupt_id=interrupt.pk)
        person.write("undone", interrupt.pk, value)
    else:
        person.write("answered", interrupt.pk, value)


def _retry_some(person: Person) -> int:
    failed = list(Execution.objects.filter(status="failed", finished_at=None)[:20])
    for execution in failed:
        with suppress(errors.Conflict):
            executions.retry(execution_id=execution.pk)
    return len(failed)
