"""What waits to be applied to an execution; the commit that applies it deletes it."""

from enum import StrEnum

from django.db import models
from django.db.models.functions import Now

from flows.models.execution import Execution
from flows.models.fields import JSONColumn


class MessageKind(StrEnum):
    ANSWER = "answer"  # {"key", "value", "response"}
    RETRY = "retry"


class Message(models.Model):
    id = models.BigAutoField(primary_key=True)
    execution = models.ForeignKey(Execution, on_delete=models.CASCADE, related_name="messages")
    kind = models.TextField()
    body = JSONColumn(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["execution", "id"], name="message_of_execution")]

    def __str__(self) -> str:
        return f"{self.kind} for {self.execution_id}"
