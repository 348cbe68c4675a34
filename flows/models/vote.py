"""One approval of several that a question needs."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from flows.models.execution import Execution
from flows.models.fields import JSONColumn
from flows.models.interrupt import Interrupt
from flows.models.response import Door, Response


class Vote(models.Model):
    """`value` is what the flow would receive; it counts from `effective_at` (null: at once), and can be
    taken back until then. One a person in each stage.
    """

    interrupt = models.ForeignKey(Interrupt, on_delete=models.PROTECT, related_name="votes", db_index=False)
    execution = models.ForeignKey(Execution, on_delete=models.PROTECT, related_name="votes")
    stage = models.SmallIntegerField()
    value = JSONColumn()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="votes")
    door = models.CharField(max_length=16)
    request_id = models.TextField(null=True)
    digest = models.CharField(max_length=64)
    effective_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["interrupt", "stage", "by"], name="vote_once"),
            models.CheckConstraint(condition=Q(door__in=[d.value for d in Door]), name="vote_door_known"),
        ]

    def __str__(self) -> str:
        return f"vote on {self.interrupt}"

    @property
    def can_be_undone(self) -> bool:
        return self.effective_at is not None and self.effective_at > timezone.now()


Given = Response | Vote  # what a person has said
