"""The steps of a flow as people see them: chunks and sub flows, without the joints between them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_noop, ngettext

from flows import engine
from flows.models import Execution
from flows.registry import Registration
from flows.services import executions

SHOWN = (engine.Kind.CHUNK, engine.Kind.SUB_FLOW)
NOTES = {
    "waiting": gettext_noop("waiting for an answer"),
    "running": gettext_noop("running"),
    "failed": gettext_noop("failed"),
    "skipped": gettext_noop("not needed"),
}


@dataclass(frozen=True, slots=True)
class ShownStep:
    """`status` is that of progress, or "skipped" for what an ended execution did without."""

    label: str
    status: str
    note: str


def steps_of(execution: Execution, progress: list[executions.StepProgress]) -> list[ShownStep]:
    ended = execution.status in engine.TERMINAL
    return [
        shown(step.label, "skipped" if ended and step.status == "todo" else step.status, step.count)
        for step in progress
        if step.kind in SHOWN
    ]


def steps_in(registration: Registration) -> list[ShownStep]:
    """The steps of a flow that is not running."""
    steps: Iterable[engine.Step] = registration.flow.definition.steps.values()
    return [shown(step.label, "todo", 0) for step in steps if step.kind in SHOWN]


def shown(label: str, status: str, count: int) -> ShownStep:
    times = ngettext("%(count)s time", "%(count)s times", count) % {"count": count} if count > 1 else ""
    note = gettext(NOTES[status]) if status in NOTES else times
    spoken = label.replace("_", " ")
    return ShownStep(spoken[:1].upper() + spoken[1:], status, note)
