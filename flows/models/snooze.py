"""What a person has put aside until a time."""

from django.conf import settings
from django.db import models

from flows.models.interrupt import Interrupt


class Snooze(models.Model):
    """Leaves the inbox of `user` alone until `until`; after that the row has no effect."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False)
    interrupt = models.ForeignKey(Interrupt, on_delete=models.CASCADE, related_name="snoozes")
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "interrupt"], name="snooze_once")]

    def __str__(self) -> str:
        return f"{self.interrupt_id} until {self.until:%d %b %Y, %H:%M}"
