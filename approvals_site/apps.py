from importlib import import_module

from django.apps import AppConfig


class ApprovalsSiteConfig(AppConfig):
    name = "approvals_site"
    verbose_name = "Site"

    def ready(self) -> None:
        import_module("approvals_site.checks")
