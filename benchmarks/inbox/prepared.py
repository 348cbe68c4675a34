"""A database with so many waiting questions, and the people who look at them."""

import os

SETTINGS = {"APPROVALS_LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "approvals_site.settings"}
# Finance has most of all questions; Attic twenty, older than all others.
GROUPS = {"leo": ("Legal", "Operations", "Support", "Marketing", "Attic"), "rita": ("Attic",)}
OLD = 20
ATTIC = "g:Attic"


def database(waiting: int) -> None:
    """Make what is missing."""
    os.environ |= SETTINGS
    import django

    django.setup()
    from django.core.management import call_command

    from flows.models import Interrupt

    call_command("migrate", verbosity=0)
    _people()
    missing = waiting - Interrupt.objects.waiting().count()
    if missing > 0:
        call_command("flows_seed", waiting=missing, yes=True)
    _attic()


def _people() -> None:
    from django.contrib.auth.models import User

    from approvals_site import people

    people.create_missing()
    for name, groups in GROUPS.items():
        user = User.objects.get(username=name)
        user.groups.add(*(people.reviewers(group) for group in groups))


def _attic() -> None:
    """Twenty old questions of a group of their own, at the far end of every list."""
    from datetime import timedelta

    from flows.models import InboxEntry, Interrupt

    if InboxEntry.objects.filter(token__in=[ATTIC]).exists():
        return
    ids = Interrupt.objects.filter(audience=["g:Legal"], status="waiting").values_list("pk", flat=True)[:OLD]
    for interrupt in Interrupt.objects.filter(pk__in=list(ids)):
        interrupt.audience = [ATTIC]
        interrupt.created_at -= timedelta(days=900)
        interrupt.save(update_fields=["audience", "created_at"])
