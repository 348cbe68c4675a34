"""People who approve in stages, in a process that may be killed at any point of it."""

from typing import Any

from django.contrib.auth.models import User

from flows.models import Interrupt
from flows.services import errors, interrupts

POINTS = frozenset(
    {
        *(f"vote.{place}" for place in ("before", "written", "committed")),
        *(f"advance.{place}" for place in ("before", "written", "committed")),
        "tally.committed",
        "unvote.committed",
    }
)
STAGES = {"stages": [{"groups": ["Finance"]}, {"groups": ["Legal"]}]}
TOO_LATE = (errors.Conflict, errors.NotAllowed, errors.NotFound)


def approve_all(interrupt: Interrupt) -> None:
    """Fiona approves, takes it back and approves again, then Leo does; what was done before is done once."""
    calls: list[tuple[str, dict[str, Any]]] = [
        ("fiona", {"door": "browser", "request_id": "first"}),
        ("fiona", {}),
        ("fiona", {"request_id": "second"}),
        ("leo", {"request_id": "third"}),
    ]
    for name, given in calls:
        person = User.objects.get(username=name)
        try:
            if given:
                interrupts.decide(interrupt_id=interrupt.pk, answer={"approved": True}, by=person, **given)
            else:
                interrupts.undo(interrupt_id=interrupt.pk, by=person)
        except TOO_LATE:
            continue
