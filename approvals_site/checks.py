"""What `manage.py check` says about the environment this process was started in."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def environment(app_configs: Any, **options: Any) -> list[CheckMessage]:
    return [Error(p.message, hint=p.hint, id=p.id) for p in settings.ENVIRONMENT_PROBLEMS]
