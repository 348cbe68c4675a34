"""What executions, interrupts, answers and messages say about each other at any moment.

A new status, or a new way to wait, belongs into the lists at the top.
"""

from flows.store.invariants.invariant import Invariant

ENDED = "('completed', 'cancelled')"
OPEN = "('waiting', 'suspended')"  # interrupts that an answer, now or after a retry, may close
# Where an open interrupt belongs, by its status.
ASKING = {"waiting": "('running', 'waiting')", "suspended": "('failed')"}
# Messages that are kept until their time comes do not have to be read.
TO_READ = "m.execution_id = e.id AND m.kind <> 'early'"
HAS_MESSAGE = "EXISTS (SELECT 1 FROM flows_message m WHERE m.execution_id = e.id)"
HAS_INTERRUPT = f"EXISTS (SELECT 1 FROM flows_interrupt q WHERE q.execution_id = e.id AND q.status IN {OPEN})"  # noqa: S608
# Workers round instants, are patient, and hand executions back for a moment.
SLACK = "interval '5 minutes'"


def _executions(where: str) -> str:
    return f"SELECT e.id FROM flows_execution e WHERE {where}"  # noqa: S608


def _interrupts(where: str) -> str:
    return (
        "SELECT q.id FROM flows_interrupt q JOIN flows_execution e ON e.id = q.execution_id "  # noqa: S608
        f"WHERE {where}"
    )


def _sleeps_past(instant: str) -> str:
    return f"(e.wake_at IS NULL OR e.wake_at > greatest({instant}, now()) + {SLACK})"


STATE = (
    Invariant(
        "waiting_for_something",
        "A waiting execution has a waiting interrupt, or a time at which it goes on.",
        "execution",
        _executions(f"e.status = 'waiting' AND e.wake_at IS NULL AND NOT {HAS_INTERRUPT}"),
    ),
    Invariant(
        "interrupt_is_awaited",
        "A waiting interrupt belongs to an execution that goes on, a suspended one to one that has failed.",
        "interrupt",
        _interrupts(
            " OR ".join(
                f"(q.status = '{status}' AND e.status NOT IN {where})" for status, where in ASKING.items()
            )
        ),
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
        "begun_at_once",
        "An execution that no worker has begun is due.",
        "execution",
        _executions("e.status IN ('created', 'running') AND e.snapshot IS NULL AND e.wake_at IS NULL"),
    ),
    Invariant(
        "message_is_read",
        "An execution does not sleep past a message that it has to read, unless it has failed.",
        "execution",
        _executions(
            "e.status <> 'failed' AND EXISTS (SELECT 1 FROM flows_message m "  # noqa: S608
            f"WHERE {TO_READ} AND {_sleeps_past('m.due_at')})"
        ),
    ),
    Invariant(
        "messages_are_counted",
        "An execution never has more messages than were sent to it.",
        "execution",
        _executions("e.message_seq < (SELECT count(*) FROM flows_message m WHERE m.execution_id = e.id)"),
    ),
    Invariant(
        "expiry_is_kept",
        "An execution does not sleep past the end of a waiting interrupt's time.",
        "interrupt",
        _interrupts(f"q.status = 'waiting' AND q.expires_at IS NOT NULL AND {_sleeps_past('q.expires_at')}"),
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
        "An answered interrupt has one response; an expired one may have its author's; others have none.",
        "interrupt",
        "SELECT q.id FROM flows_interrupt q LEFT JOIN flows_response r ON r.interrupt_id = q.id "
        "GROUP BY q.id HAVING count(r.id) <> (q.status = 'answered')::int "
        "AND NOT (q.status = 'expired' AND count(r.id) = 1)",
    ),
    Invariant(
        "answer_is_to_what_was_shown",
        "A response carries the digest and the execution of its interrupt.",
        "response",
        "SELECT r.id FROM flows_response r JOIN flows_interrupt q ON q.id = r.interrupt_id "
        "WHERE r.digest <> q.digest OR r.execution_id <> q.execution_id",
    ),
)

# One side of the comparison is what people are shown, the other what is true.
INBOX = (
    Invariant(
        "inbox_has_what_waits",
        "What waits for a person is in the inbox under each token of its audience, as it is.",
        "interrupt",
        "SELECT q.id FROM flows_interrupt q CROSS JOIN unnest(q.audience) AS t(token) "
        "LEFT JOIN flows_inboxentry e ON e.token = t.token AND e.created_at = q.created_at "
        "AND e.interrupt_id = q.id "
        "WHERE q.status = 'waiting' AND q.type IN ('approval', 'human_input') AND (e.token IS NULL "
        "OR (e.priority, e.flow, e.type, e.due_at, e.excluded_id) "
        "IS DISTINCT FROM (q.priority, q.flow, q.type, q.due_at, q.excluded_id))",
    ),
    Invariant(
        "inbox_has_nothing_else",
        "Every entry of the inbox is of an interrupt that waits for that token.",
        "interrupt",
        "SELECT e.interrupt_id AS id FROM flows_inboxentry e LEFT JOIN flows_interrupt q "
        "ON q.id = e.interrupt_id AND q.status = 'waiting' AND e.token = ANY(q.audience) WHERE q.id IS NULL",
    ),
)
