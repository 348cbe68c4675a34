"""What happened, one row a transition, written in the transition's own transaction."""

from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models import Value
from django.db.models.functions import Now

from flows.models.execution import Execution
from flows.models.fields import JSONColumn
from flows.models.interrupt import Interrupt


class EventKind(StrEnum):
    EXECUTION_STARTED = "execution.started"
    EXECUTION_REPORTED = "execution.reported"  # put_into_stream
    EXECUTION_COMPLETED = "execution.completed"
    EXECUTION_FAILED = "execution.failed"
    EXECUTION_RETRIED = "execution.retried"
    EXECUTION_CANCELLED = "execution.cancelled"
    EXECUTION_EMITTED = "execution.emitted"  # an event from outside
    INTERRUPT_OPENED = "interrupt.opened"
    INTERRUPT_REMINDED = "interrupt.reminded"
    INTERRUPT_OVERDUE = "interrupt.overdue"
    INTERRUPT_ANSWERED = "interrupt.answered"
    INTERRUPT_VOTED = "interrupt.voted"  # one approval of several
    INTERRUPT_UNVOTED = "interrupt.unvoted"  # taken back in time
    INTERRUPT_ADVANCED = "interrupt.advanced"  # to the next stage of its policy
    INTERRUPT_UNDONE = "interrupt.undone"  # the answer was taken back in time
    INTERRUPT_EXPIRED = "interrupt.expired"
    INTERRUPT_CLOSED = "interrupt.closed"
    INTERRUPT_SUSPENDED = "interrupt.suspended"
    INTERRUPT_RESTORED = "interrupt.restored"
    ANSWER_REFUSED = "answer.refused"  # it came before its question, and did not fit


class Event(models.Model):
    """Who (`actor`, null: the worker), when, by which `door`, from which `address`, and what (`detail`).

    `hash` is the SHA-256 over the hash of the event before it in its execution and its own content.
    The database computes it and refuses to change or delete events (migration chain_events); what it
    covers is in `services.audit`. A new column is not covered by it: put new facts into `detail`.
    """

    id = models.BigAutoField(primary_key=True)
    execution = models.ForeignKey(Execution, on_delete=models.PROTECT, related_name="events", db_index=False)
    interrupt = models.ForeignKey(
        Interrupt, null=True, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    kind = models.TextField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    door = models.TextField(default="", blank=True)
    address = models.TextField(default="", blank=True)
    detail = JSONColumn(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    hash = models.BinaryField(db_default=Value(b""), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["execution", "id"], name="event_of_execution"),
            models.Index(
                fields=["interrupt"], name="event_of_interrupt", condition=models.Q(interrupt__isnull=False)
            ),
            models.Index(fields=["actor"], name="event_by_actor", condition=models.Q(actor__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.kind
