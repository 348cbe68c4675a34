"""Who else looks at a question: kept while their page is open, and forgotten soon after it is gone."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models.functions import Now

from flows.live import hints
from flows.models import Interrupt, Presence
from flows.services.arguments import uuid_of
from flows.store import presence
from flows.store.presence import Place

SECONDS = 50.0  # after its last word, a page that has died is forgotten
SHOWN = 20  # people at one question who are read; more are not counted


def topic_of(interrupt_id: UUID) -> str:
    return f"looking:{interrupt_id}"


def note(places: Iterable[Place], *, gone: Iterable[UUID], changed: set[UUID]) -> None:
    """Write where these sockets are and which are gone, and tell who looks at the interrupts in `changed`."""
    presence.write(places, gone, seconds=SECONDS)
    hints.send({topic_of(id) for id in changed})


def may_look(*, interrupt_id: Any, by: User) -> UUID | None:
    """The id of that interrupt if it exists for this person."""
    key = uuid_of("interrupt", interrupt_id)
    return key if Interrupt.objects.visible_to(by).filter(pk=key).exists() else None


def others(*, interrupt_id: UUID, than: User) -> list[User]:
    """Who looks at it, without `than`; at most SHOWN, by name. Whoever asks must be allowed to see it."""
    there = Presence.objects.filter(interrupt=interrupt_id, until__gt=Now()).exclude(user=than)
    people = User.objects.filter(pk__in=there.values("user"), is_active=True)
    return list(people.order_by("first_name", "username")[:SHOWN])
