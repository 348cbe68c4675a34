"""Every transition has its event, once.

A new way to close an interrupt is a line in CLOSINGS; a new kind of event needs nothing here.
"""

from flows.models import EventKind, InterruptStatus
from flows.store.invariants.invariant import Invariant, of_one

# The status of a closed interrupt, and the kind of the one event that tells of it.
CLOSINGS = {
    InterruptStatus.ANSWERED: EventKind.INTERRUPT_ANSWERED,
    InterruptStatus.CANCELLED: EventKind.INTERRUPT_CLOSED,
    InterruptStatus.EXPIRED: EventKind.INTERRUPT_EXPIRED,
}
UNDONE = {EventKind.INTERRUPT_ANSWERED: EventKind.INTERRUPT_UNDONE}  # each takes one of the other back
HAS_RETRY = "EXISTS (SELECT 1 FROM flows_message m WHERE m.execution_id = e.id AND m.kind = 'retry')"
EVENTS_OF = "flows_execution e LEFT JOIN flows_event v ON v.execution_id = e.id"


def _by_events(having: str) -> str:
    return f"SELECT e.id FROM {EVENTS_OF} WHERE {of_one('e.id')} GROUP BY e.id HAVING {having}"  # noqa: S608


def _count(kind: str) -> str:
    return f"count(*) FILTER (WHERE v.kind = '{kind}')"


def _told(kind: EventKind) -> str:
    return f"{_count(kind)} - {_count(UNDONE[kind])}" if kind in UNDONE else _count(kind)


def _newest(kind: str) -> str:
    return f"max(v.id) FILTER (WHERE v.kind = '{kind}')"


def _oldest(kind: str) -> str:
    return f"min(v.id) FILTER (WHERE v.kind = '{kind}')"


def _interrupts_by_events(having: str) -> str:
    return (
        "SELECT q.id FROM flows_interrupt q LEFT JOIN flows_event v ON v.interrupt_id = q.id "  # noqa: S608
        f"WHERE {of_one('q.execution_id')} GROUP BY q.id HAVING {having}"
    )


HISTORY = (
    Invariant(
        "start_is_told",
        "The history of an execution begins with its start, and has one.",
        "execution",
        _by_events(f"{_count('execution.started')} <> 1 OR min(v.id) <> {_newest('execution.started')}"),
        testifies=True,
    ),
    Invariant(
        "end_is_told",
        "The history has an end if and only if the execution has, the same one, and once.",
        "execution",
        _by_events(
            f"{_count('execution.completed')} <> (e.status = 'completed')::int "
            f"OR {_count('execution.cancelled')} <> (e.status = 'cancelled')::int"
        ),
        testifies=True,
    ),
    Invariant(
        "failure_is_told",
        "A failed execution has a failure in its history that no retry followed, or a retry is under way.",
        "execution",
        _by_events(
            f"e.status = 'failed' AND coalesce({_newest('execution.failed')}, 0) "
            f"<= coalesce({_newest('execution.retried')}, 0) AND NOT {HAS_RETRY}"
        ),
        testifies=True,
    ),
    Invariant(
        "retry_is_told",
        "An execution that goes on after a failure was retried, and its history says so.",
        "execution",
        _by_events(
            f"e.status NOT IN ('failed', 'cancelled') AND {_count('execution.failed')} > 0 "
            f"AND coalesce({_newest('execution.retried')}, 0) < {_oldest('execution.failed')}"
        ),
        testifies=True,
    ),
    Invariant(
        "interrupt_is_told",
        "Every interrupt has one event of its opening.",
        "interrupt",
        _interrupts_by_events(f"{_count('interrupt.opened')} <> 1"),
        testifies=True,
    ),
    Invariant(
        "closing_is_told",
        "Every closed interrupt has one event of how it was closed, and an open one has none that counts.",
        "interrupt",
        _interrupts_by_events(
            " OR ".join(f"{_told(kind)} <> (q.status = '{status}')::int" for status, kind in CLOSINGS.items())
        ),
        testifies=True,
    ),
    Invariant(
        "event_is_known",
        "Every event is of a kind that this version knows.",
        "event",
        f"SELECT v.id FROM flows_event v WHERE v.kind NOT IN ({', '.join(repr(k.value) for k in EventKind)})",  # noqa: S608
    ),
    Invariant(
        "event_is_in_place",
        "An event about an interrupt is in the history of that interrupt's execution.",
        "event",
        "SELECT v.id FROM flows_event v JOIN flows_interrupt q ON q.id = v.interrupt_id "
        "WHERE v.execution_id <> q.execution_id",
    ),
)
