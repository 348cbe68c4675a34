"""One durable run of a flow."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse

from flows.engine import Status, new_id
from flows.models.fields import JSONColumn

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser, AnonymousUser

ExecutionStatus = Status
STATUS_CHOICES = [(status.value, status.value.capitalize()) for status in Status]


def new_uuid() -> uuid.UUID:
    """A time-ordered UUID (version 7)."""
    return uuid.UUID(new_id())


class ExecutionQuerySet(models.QuerySet["Execution"]):
    def visible_to(self, user: AbstractUser | AnonymousUser) -> ExecutionQuerySet:
        """Executions that `user` may know of: their own, those that asked them, all with the permission."""
        from flows.models.interrupt import Interrupt

        if not user.is_authenticated:
            return self.none()
        if user.has_perm("flows.view_execution"):
            return self
        asked = Interrupt.objects.visible_to(user).filter(execution=models.OuterRef("pk"))
        return self.filter(Q(requester=user) | models.Exists(asked))


class Execution(models.Model):
    """`snapshot` holds the engine's state; the columns beside it say when a worker has to look.

    `wake_at` null means parked. `queue` says which workers claim it next. `message_seq` counts the
    messages ever sent to it, so that a worker that lets go can tell whether one came meanwhile.
    `claims` counts claims since the last commit: what kills its worker is set aside.

    A row changes five times in its life, and each index costs at most of them: none repeats another,
    and what is mostly null is left out.
    """

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    flow = models.TextField()
    status = models.CharField(max_length=16, choices=STATUS_CHOICES, default=Status.CREATED)
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="executions",
        db_index=False,
    )
    request_id = models.TextField(null=True)
    input = JSONColumn(null=True)
    result = JSONColumn(null=True)
    error = JSONColumn(null=True)  # {"step", "type", "message", "traceback"}
    snapshot = models.TextField(null=True, editable=False)
    queue = models.TextField(default="default", db_default="default")
    wake_at = models.DateTimeField(null=True, db_default=Now())
    lease_owner = models.TextField(null=True)
    lease_until = models.DateTimeField(null=True)
    epoch = models.IntegerField(default=0, db_default=0)
    claims = models.IntegerField(default=0, db_default=0)
    message_seq = models.IntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)

    objects = ExecutionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["queue", "flow", "wake_at"],
                name="execution_due_by_flow",
                condition=Q(wake_at__isnull=False),
            ),
            models.Index(
                fields=["requester", "-created_at"],
                name="execution_by_requester",
                condition=Q(requester__isnull=False),
            ),
            models.Index(
                fields=["finished_at"], name="execution_finished", condition=Q(finished_at__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["request_id"], condition=Q(request_id__isnull=False), name="execution_request_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[s.value for s in Status]), name="execution_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.flow} {self.short_id}"

    def get_absolute_url(self) -> str:
        return reverse("execution", args=[self.pk])

    @property
    def short_id(self) -> str:
        """The last eight characters: a version 7 id begins with the time, so its end tells runs apart."""
        return str(self.pk)[-8:]

    @property
    def failure(self) -> dict[str, Any] | None:
        """What failed, as {"step", "type", "message", "traceback"}; None when nothing did."""
        error: dict[str, Any] | None = self.error
        return error
