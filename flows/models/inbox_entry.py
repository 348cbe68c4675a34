"""The inbox as an index: what waits, in the orders that people list it."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

HAS_DUE = Q(due_at__isnull=False)
NOT_NORMAL = ~Q(priority=1)
ONCE = Q(first=True)


class InboxEntry(models.Model):
    """One waiting interrupt under one token of its audience. Triggers keep it (migration inbox): nothing
    else writes it, and an interrupt that does not wait has none.

    `first` is true for one entry of each interrupt, `others` the whole audience where that has several
    tokens. `words` are what search and filters find it by: words of title, summary and facts, and
    `#flow=…`, `#type=…`, `#by=…` and `=<path>=<value>` for the values in its payload.

    Most questions have no due date and the normal priority; the indexes leave those out, because each
    costs at every question.
    """

    pk = models.CompositePrimaryKey("token", "created_at", "interrupt_id")
    token = models.TextField()
    created_at = models.DateTimeField()
    interrupt_id = models.UUIDField()
    due_at = models.DateTimeField(null=True)
    priority = models.SmallIntegerField()
    flow = models.TextField()
    type = models.TextField()
    requester_id = models.BigIntegerField(null=True)
    excluded_id = models.BigIntegerField(null=True)
    first = models.BooleanField()
    others = ArrayField(models.TextField(), null=True)
    words = SearchVectorField()

    class Meta:
        indexes = [
            models.Index(fields=["created_at", "interrupt_id"], name="entry_newest", condition=ONCE),
            models.Index(
                fields=["token", "due_at", "created_at", "interrupt_id"], name="entry_due", condition=HAS_DUE
            ),
            models.Index(
                fields=["due_at", "created_at", "interrupt_id"],
                name="entry_due_of_all",
                condition=HAS_DUE & ONCE,
            ),
            models.Index(
                fields=["token", "priority", "created_at", "interrupt_id"],
                name="entry_priority",
                condition=NOT_NORMAL,
            ),
            models.Index(
                fields=["priority", "created_at", "interrupt_id"],
                name="entry_priority_of_all",
                condition=NOT_NORMAL & ONCE,
            ),
            GinIndex(fields=["words"], name="entry_words", gin_pending_list_limit=512),
        ]

    def __str__(self) -> str:
        return f"{self.interrupt_id} for {self.token}"
