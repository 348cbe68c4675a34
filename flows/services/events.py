"""What happened to an execution."""

from django.db.models import QuerySet

from flows.models import Event, Execution


def history(execution: Execution) -> QuerySet[Event]:
    """Its events in the order in which they were written, with their people and interrupts."""
    return execution.events.select_related("actor", "interrupt").order_by("id")
