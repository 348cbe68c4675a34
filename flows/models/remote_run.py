"""A chunk's run away from the flows workers: sent to a fleet, claimed there, and its outcome brought back."""

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from flows.models.execution import Execution, new_uuid


class RunStatus(StrEnum):
    QUEUED = "queued"  # sent, or about to be
    RUNNING = "running"
    DONE = "done"  # its outcome is a message of its execution, or was applied
    DROPPED = "dropped"  # nobody wants its outcome any more


class RemoteRun(models.Model):
    """Written by the commit that sends an activation away, so that neither is there without the other.

    `epoch` counts the claims, so that one that was replaced writes nothing; `owner` has the last one.
    `due_at` is when it has to be sent (again): while it is queued, unless somebody claims it; while it runs,
    the end of its lease; null at its end. `sends` counts since the last claim.
    """

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    execution = models.ForeignKey(
        Execution, on_delete=models.CASCADE, related_name="remote_runs", db_index=False
    )
    step = models.TextField()
    activation = models.IntegerField()
    attempt = models.IntegerField()
    status = models.CharField(max_length=16, default=RunStatus.QUEUED)
    epoch = models.IntegerField(default=0, db_default=0)
    owner = models.TextField(default="", db_default="", blank=True)
    sends = models.IntegerField(default=0, db_default=0)
    due_at = models.DateTimeField(null=True, db_default=Now())
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="remote_run_due", condition=Q(due_at__isnull=False))]
        constraints = [
            models.UniqueConstraint(
                fields=["execution", "activation", "attempt"], name="remote_run_once_an_attempt"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[s.value for s in RunStatus]), name="remote_run_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running"], due_at__isnull=False)
                | Q(status__in=["done", "dropped"], due_at__isnull=True),
                name="remote_run_due_while_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} of {self.execution_id}, attempt {self.attempt}"
