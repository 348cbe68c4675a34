"""What stands behind a question: where its flow is, what happened to it, and its earlier rounds."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from flows import engine, registry
from flows.models import Event, Execution, Interrupt
from flows.services import executions
from flows.web.blocks.block import BadBlock
from flows.web.blocks.diff import Diff, between
from flows.web.drawing import Drawing, draw
from flows.web.history import Entry, entry
from flows.web.pages import visible
from flows.web.question import Said
from flows.web.steps import ShownStep, steps_of

MOST_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Round:
    """An earlier question of the same step; `changes` is how the question after it differs, None when it
    is the same or too long to compare."""

    number: int
    interrupt: Interrupt
    answer: Said | None
    changes: Diff | None


@dataclass(frozen=True, slots=True)
class Background:
    drawing: Drawing | None
    steps: list[ShownStep]
    history: list[Entry]


def background_of(interrupt: Interrupt) -> Background:
    """Two queries."""
    progress = executions.progress(interrupt.execution)
    events = Event.objects.filter(execution=interrupt.execution_id, interrupt=interrupt)
    return Background(
        drawing=drawing_of(interrupt.execution, progress),
        steps=steps_of(interrupt.execution, progress),
        history=[entry(event) for event in events.select_related("actor", "interrupt").order_by("id")],
    )


def may_have_rounds(interrupt: Interrupt) -> bool:
    """Whether it is worth looking for earlier rounds; told from the snapshot, without a query."""
    waiting = executions.waiting_at(interrupt.execution, interrupt.key)
    done = executions.times_done(interrupt.execution, interrupt.step)
    return done > (0 if interrupt.is_waiting else 1) or bool(waiting and waiting.get("resumes"))


def rounds_before(request: HttpRequest, interrupt: Interrupt) -> list[Round]:
    """Earlier questions of the same step that this person may see, the latest first; one query."""
    asked = visible(request).filter(execution=interrupt.execution_id, step=interrupt.step)
    earlier = asked.filter(frame=interrupt.frame, created_at__lt=interrupt.created_at)
    rows = list(earlier.select_related("response__by").order_by("-created_at", "-id")[:MOST_ROUNDS])
    later = [interrupt, *rows]
    return [
        Round(len(rows) - n, row, said(row), changes(row.payload, later[n].payload))
        for n, row in enumerate(rows)
    ]


def said(interrupt: Interrupt) -> Said | None:
    response = getattr(interrupt, "response", None)
    return Said.of(interrupt, response) if response else None


def changes(before: Any, after: Any) -> Diff | None:
    try:
        found = between(engine.plain_json(before), engine.plain_json(after))
    except BadBlock:
        return None
    return found if found.added or found.removed else None


def drawing_of(execution: Execution, progress: list[executions.StepProgress]) -> Drawing | None:
    """The flow with what is done, running and waiting; None when it is not installed any more."""
    try:
        definition = registry.get(execution.flow).flow.definition
    except registry.UnknownFlow:
        return None
    return draw(engine.diagram(definition), {step.id: step.status for step in progress})


def next_step(interrupt: Interrupt) -> str:
    """What runs once this is answered, whatever the answer is; "" when that cannot be said for sure."""
    waiting = executions.waiting_at(interrupt.execution, interrupt.key)
    if waiting is None or waiting.get("target") != "next" or waiting.get("frame"):
        return ""
    try:
        definition = registry.get(interrupt.flow).flow.definition
    except registry.UnknownFlow:
        return ""
    drawn = engine.diagram(definition)
    ways = [way for way in drawn.ways if way.source == waiting["step"]]
    kinds = {node.id: node for node in drawn.nodes}
    if len(ways) != 1 or kinds[ways[0].target].kind != engine.Kind.CHUNK.value:
        return ""
    name = kinds[ways[0].target].label.replace("_", " ")
    return name[:1].upper() + name[1:]
