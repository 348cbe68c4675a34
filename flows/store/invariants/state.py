"""What executions, interrupts, answers and messages say about each other at any moment.

A new status, or a new way to wait, belongs into the lists at the top.
"""

from flows.store.invariants.invariant import Invariant

ENDED = "('completed', 'cancelled')"
ASKING = "('running', 'waiting', 'failed')"  # executions whose interrupts may wait
HAS_MESSAGE = "EXISTS (SELECT 1 FROM flows_message m WHERE m.execution_id = e.id)"
HAS_INTERRUPT = (
    "EXISTS (SELECT 1 FROM flows_interrupt q WHERE q.execution_id = e.id AND q.status = 'waiting')"
)


def _executions(where: str) -> str:
    return f"SELECT e.id FROM flows_execution e WHERE {where}"  # noqa: S608


STATE = (
    Invariant(
        "waiting_for_something",
        "A waiting execution has a waiting interrupt, or a time at which it goes on.",
        "execution",
        _executions(f"e.status = 'waiting' AND e.wake_at IS NULL AND NOT {HAS_INTERRUPT}"),
    ),
    Invariant(
        "interrupt_is_awaited",
        "A waiting interrupt belongs to an execution that has begun and not ended.",
        "interrupt",
        "SELECT q.id FROM flows_interrupt q JOIN flows_execution e ON e.id = q.execution_id "  # noqa: S608
        f"WHERE q.status = 'waiting' AND e.status NOT IN {ASKING}",
    ),
    Invariant(
        "ended_is_at_rest",
        "An ended execution is not due and not held, unless it has messages to throw away.",
        "execution",
        _executions(
            f"e.status IN {ENDED} AND NOT {HAS_MESSAGE} "
            "AND (e.wake_at IS NOT NULL OR e.lease_owner IS NOT NULL)"
        ),
    ),
    Invariant(
        "ended_has_its_time",
        "An execution has the time of its end if and only if it has ended.",
        "execution",
        _executions(f"(e.status IN {ENDED}) <> (e.finished_at IS NOT NULL)"),
    ),
    Invariant(
        "runnable_is_due",
        "An execution that could go on is not parked.",
        "execution",
        _executions("e.status IN ('created', 'running') AND e.wake_at IS NULL"),
    ),
    Invariant(
        "message_is_read",
        "An execution with messages is not parked, unless it has failed.",
        "execution",
        _executions(f"e.wake_at IS NULL AND e.status <> 'failed' AND {HAS_MESSAGE}"),
    ),
    Invariant(
        "messages_are_counted",
        "An execution never has more messages than were sent to it.",
        "execution",
        _executions("e.message_seq < (SELECT count(*) FROM flows_message m WHERE m.execution_id = e.id)"),
    ),
    Invariant(
        "lease_is_whole",
        "A lease has an owner and an end, or neither.",
        "execution",
        _executions("(e.lease_owner IS NULL) <> (e.lease_until IS NULL)"),
    ),
    Invariant(
        "progress_is_kept",
        "An execution that waits or has completed has its snapshot.",
        "execution",
        _executions("e.status IN ('waiting', 'completed') AND e.snapshot IS NULL"),
    ),
)

ANSWERS = (
    Invariant(
        "answer_is_kept",
        "An interrupt has a response if and only if it was answered.",
        "interrupt",
        "SELECT q.id FROM flows_interrupt q LEFT JOIN flows_response r ON r.interrupt_id = q.id "
        "GROUP BY q.id HAVING count(r.id) <> (q.status = 'answered')::int",
    ),
    Invariant(
        "answer_is_to_what_was_shown",
        "A response carries the digest and the execution of its interrupt.",
        "response",
        "SELECT r.id FROM flows_response r JOIN flows_interrupt q ON q.id = r.interrupt_id "
        "WHERE r.digest <> q.digest OR r.execution_id <> q.execution_id",
    ),
)
