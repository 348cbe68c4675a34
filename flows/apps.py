from contextlib import suppress

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class FlowsConfig(AppConfig):
    name = "flows"
    verbose_name = "Flows"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks and every flow in a `flows.py` of an installed app; touches no database."""
        from flows import conf
        from flows.live import rights  # needs the models
        from flows.store import crash

        rights.watch()
        with suppress(crash.BadOrder):  # flows.E003 says so
            crash.arm(conf.get("FLOWS_CRASH"))
        autodiscover_modules("checks", "flows")
