"""What somebody has typed into a form and not sent."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from flows.models.fields import JSONColumn
from flows.models.interrupt import Interrupt


class Draft(models.Model):
    """One a person and question, unjudged. `data` is {field: [text, …]} as the browser sends it; `form`
    is the request id of the form that wrote it last, `version` counts its changes. One that was discarded
    has no data.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts", db_index=False
    )
    interrupt = models.ForeignKey(Interrupt, on_delete=models.CASCADE, related_name="drafts")
    data = JSONColumn()
    form = models.TextField()
    version = models.IntegerField(default=1, db_default=1)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "interrupt"], name="draft_once")]

    def __str__(self) -> str:
        return f"draft of an answer to {self.interrupt}"
