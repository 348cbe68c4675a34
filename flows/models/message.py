"""What waits to be applied to an execution; the commit that applies it deletes it."""

from enum import StrEnum

from django.db import models
from django.db.models.functions import Now

from flows.models.execution import Execution
from flows.models.fields import JSONColumn


class MessageKind(StrEnum):
    ANSWER = "answer"  # {"key", "value", "response", "event", "frame"}
    EXPIRE = "expire"  # {"key"}: the question ran out, which counts as a failure
    EMIT = "emit"  # {"event", "value", "resolves"}: `resolves` are the keys of the interrupts it closed
    EARLY = "early"  # {"key", "answer", "door", …}: an answer that came before its question
    TALLY = "tally"  # {"key"}: votes on this question count from now on
    RETRY = "retry"
    OUTCOME = "outcome"  # {"run", "activation", "claims", "outcome"}: what a chunk did that ran elsewhere


class Message(models.Model):
    """`due_at` is when it may be applied, null: at once."""

    id = models.BigAutoField(primary_key=True)
    execution = models.ForeignKey(
        Execution, on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    kind = models.TextField()
    body = JSONColumn(null=True)
    due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["execution", "id"], name="message_of_execution")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.execution_id}"
