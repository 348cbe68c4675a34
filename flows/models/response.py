"""The one answer of an interrupt."""

from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from flows.models.execution import Execution
from flows.models.fields import JSONColumn
from flows.models.interrupt import Interrupt


class Door(StrEnum):
    """By which way something came in."""

    BROWSER = "browser"
    COMMAND = "command"
    ADMIN = "admin"
    CODE = "code"
    WEBHOOK = "webhook"
    TIMER = "timer"


class Response(models.Model):
    """`value` is what the flow receives, at `effective_at` (null: at once); until then it can be taken
    back. `digest` is that of the question as the person saw it.

    The one-to-one key is the last line of defence: the database itself takes one answer only.
    """

    interrupt = models.OneToOneField(Interrupt, on_delete=models.PROTECT, related_name="response")
    execution = models.ForeignKey(Execution, on_delete=models.PROTECT, related_name="responses")
    value = JSONColumn(null=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="responses",
        db_index=False,
    )
    door = models.CharField(max_length=16)
    request_id = models.TextField(null=True)
    digest = models.CharField(max_length=64)
    effective_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["by"], name="response_by", condition=models.Q(by__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(door__in=[d.value for d in Door]), name="response_door_known"
            ),
        ]

    def __str__(self) -> str:
        return f"answer to {self.interrupt}"

    @property
    def can_be_undone(self) -> bool:
        return self.effective_at is not None and self.effective_at > timezone.now()
