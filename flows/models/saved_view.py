"""A way to look at the inbox that somebody has given a name."""

from django.conf import settings
from django.db import models


class SavedView(models.Model):
    """`query` is that of an inbox address, without its question mark. One at most is the start."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views", db_index=False
    )
    name = models.CharField(max_length=60)
    query = models.TextField(blank=True)
    is_start = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="saved_view_name_once"),
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(is_start=True), name="saved_view_one_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name
