"""Who looks at which question at this moment."""

from django.conf import settings
from django.db import models

from flows.models.interrupt import Interrupt


class Presence(models.Model):
    """One open page of somebody, known by the `key` of its socket; means nothing after `until`.

    The table is not logged and has no foreign keys in the database: it is written often, and gone
    after a crash, by which time nobody looks at anything.
    """

    key = models.UUIDField(primary_key=True)
    interrupt = models.ForeignKey(Interrupt, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} at {self.interrupt_id}"
