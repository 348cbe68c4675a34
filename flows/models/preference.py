"""What one person has set for themselves."""

from enum import StrEnum

from django.conf import settings
from django.db import models


class Theme(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Preference(models.Model):
    """At most one row a person; without one, everything is as by default.

    `time_zone` is a name such as "Europe/Berlin", `language` a code such as "zh-hans"; "" leaves both to
    the browser and the site.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="preference"
    )
    shortcuts = models.BooleanField(default=True, db_default=True)
    time_zone = models.TextField(default="", db_default="", blank=True)
    language = models.TextField(default="", db_default="", blank=True)
    theme = models.CharField(max_length=8, default=Theme.SYSTEM.value, db_default=Theme.SYSTEM.value)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(theme__in=[theme.value for theme in Theme]), name="preference_theme_known"
            )
        ]

    def __str__(self) -> str:
        return f"what {self.user} has set"
