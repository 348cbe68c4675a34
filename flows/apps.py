from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class FlowsConfig(AppConfig):
    name = "flows"
    verbose_name = "Flows"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks and every flow in a `flows.py` of an installed app; touches no database."""
        from flows.live import rights  # needs the models

        rights.watch()
        autodiscover_modules("checks", "flows")
