"""An open question that an execution asked; its row never changes what was asked."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from flows.models.execution import Execution, new_uuid
from flows.models.fields import JSONColumn

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser, AnonymousUser

ANYONE = "*"  # in an audience: whoever has the permission flows.respond_interrupt
VOTED = "v:"  # in an audience, before a username: has approved in an earlier stage, and may look on
INBOX_TYPES = ("approval", "human_input")


class InterruptStatus(StrEnum):
    WAITING = "waiting"
    SUSPENDED = "suspended"  # its execution has failed; a retry makes it wait again
    ANSWERED = "answered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


OPEN = (InterruptStatus.WAITING, InterruptStatus.SUSPENDED)
IS_OPEN = Q(status__in=[status.value for status in OPEN])


class Priority(models.IntegerChoices):
    LOW = 0, "low"
    NORMAL = 1, "normal"
    HIGH = 2, "high"
    URGENT = 3, "urgent"


def audience_tokens(user: AbstractUser) -> list[str]:
    """The audience tokens that `user` answers to; one query for the groups."""
    tokens = [f"g:{name}" for name in user.groups.values_list("name", flat=True)] + [
        f"u:{user.get_username()}"
    ]
    if user.has_perm("flows.respond_interrupt"):
        tokens.append(ANYONE)
    return tokens


class InterruptQuerySet(models.QuerySet["Interrupt"]):
    def visible_to(self, user: AbstractUser | AnonymousUser) -> InterruptQuerySet:
        """Interrupts that `user` may see. What is not in here does not exist for them."""
        return self._of(user, [f"{VOTED}{user.get_username()}"])

    def answerable_by(self, user: AbstractUser | AnonymousUser) -> InterruptQuerySet:
        """Those of them that `user` may answer while they wait."""
        return self._of(user, [])

    def waiting_for(self, user: AbstractUser | AnonymousUser) -> InterruptQuerySet:
        """What waits for an answer of `user`, i.e. their inbox: what they have approved waits for others."""
        from flows.models.vote import Vote

        voted = Vote.objects.filter(interrupt=OuterRef("pk"), stage=OuterRef("stage"), by=user.pk)
        return self.answerable_by(user).waiting().exclude(Exists(voted))

    def _of(self, user: AbstractUser | AnonymousUser, more: list[str]) -> InterruptQuerySet:
        if not (user.is_authenticated and user.is_active):
            return self.none()
        tokens = None if user.is_superuser else [*audience_tokens(user), *more]
        return self.visible_through(user, tokens)

    def visible_through(self, user: Any, tokens: list[str] | None) -> InterruptQuerySet:
        """The same for who has read their tokens already; None: everything, as a superuser."""
        others = self.exclude(excluded=user)
        return others if tokens is None else others.filter(audience__overlap=tokens)

    def waiting(self) -> InterruptQuerySet:
        """Those that wait for an answer from a person, i.e. the inbox."""
        return self.filter(status=InterruptStatus.WAITING, type__in=INBOX_TYPES)


class Interrupt(models.Model):
    """`key` is the engine's interrupt id, unique among the waiting ones of its execution.

    `audience` lists who may answer in the present `stage` of its policy ("*", "g:<group>", "u:<username>"),
    and who may look on ("v:<username>"); `excluded` is the one person who may not, normally the requester.
    `digest` is the SHA-256 of what is shown.
    `on_expire` is what happens at `expires_at`: an answer, "cancel" or "fail". `resume_event` is the
    event that its answer emits, in the engine's `frame`.
    """

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    execution = models.ForeignKey(Execution, on_delete=models.PROTECT, related_name="interrupts")
    key = models.TextField()
    flow = models.TextField()
    step = models.TextField()
    type = models.TextField()
    title = models.TextField()
    payload = JSONColumn(null=True)
    response_schema = JSONColumn(null=True)
    initial = JSONColumn(null=True)
    policy = JSONColumn(null=True)
    stage = models.SmallIntegerField(default=0, db_default=0)
    audience = ArrayField(models.TextField())
    excluded = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    status = models.CharField(max_length=16, default=InterruptStatus.WAITING)
    digest = models.CharField(max_length=64)
    priority = models.SmallIntegerField(
        choices=Priority, default=Priority.NORMAL, db_default=Priority.NORMAL.value
    )
    due_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    on_expire = JSONColumn(null=True)
    undo_seconds = models.FloatField(null=True)
    resume_event = models.TextField(null=True)
    frame = models.IntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    closed_at = models.DateTimeField(null=True)
    closed_reason = models.TextField(default="", blank=True)

    objects = InterruptQuerySet.as_manager()

    class Meta:
        permissions = [("respond_interrupt", "Can answer interrupts that no policy gives to others")]
        indexes = [
            models.Index(
                fields=["-created_at", "-id"], name="interrupt_waiting", condition=Q(status="waiting")
            ),
            models.Index(fields=["-closed_at"], name="interrupt_closed", condition=~IS_OPEN),
            models.Index(fields=["excluded"], name="interrupt_excluded", condition=Q(excluded__isnull=False)),
            GinIndex(fields=["audience"], name="interrupt_audience"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["execution", "key"], condition=IS_OPEN, name="interrupt_key_waits_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[s.value for s in InterruptStatus]), name="interrupt_status_known"
            ),
            models.CheckConstraint(
                condition=(IS_OPEN & Q(closed_at__isnull=True)) | (~IS_OPEN & Q(closed_at__isnull=False)),
                name="interrupt_closed_when_not_open",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("interrupt", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        return self.status == InterruptStatus.WAITING

    @property
    def is_on_hold(self) -> bool:
        return self.status == InterruptStatus.SUSPENDED

    @property
    def is_overdue(self) -> bool:
        return self.is_waiting and self.due_at is not None and self.due_at <= timezone.now()
