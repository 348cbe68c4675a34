"""Whose inbox it is: the audience tokens of the person of a request, read once, and what waits for them."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest

from flows.models import VOTED, Interrupt
from flows.models.interrupt import InterruptQuerySet, audience_tokens
from flows.store import inbox

T = TypeVar("T")


def own_tokens(request: HttpRequest) -> tuple[str, ...]:
    """The tokens that the person answers to by name, group or permission."""
    user: Any = request.user
    if not (user.is_authenticated and user.is_active):
        return ()
    return once(request, "audience_tokens", lambda: tuple(audience_tokens(user)))


def visible(request: HttpRequest) -> InterruptQuerySet:
    """The interrupts that exist for the person of this request; their groups are read once."""
    user: Any = request.user
    if not (user.is_authenticated and user.is_active):
        return Interrupt.objects.none()
    seen = [*own_tokens(request), f"{VOTED}{user.get_username()}"]
    return Interrupt.objects.visible_through(user, None if user.is_superuser else seen)


def is_asked(request: HttpRequest, interrupt: Interrupt) -> bool:
    """Whether the person, who may see it, is one of those who may answer it now."""
    return bool(request.user.is_superuser or set(own_tokens(request)) & set(interrupt.audience))


def scopes(request: HttpRequest) -> dict[str, inbox.Scope]:
    """The person's views of what waits, by name."""
    user: Any = request.user
    tokens = own_tokens(request)
    seen = None if user.is_superuser else tokens
    return {
        "all": inbox.Scope(user.pk, seen),
        "mine": inbox.Scope(user.pk, (f"u:{user.get_username()}",)),
        "groups": inbox.Scope(user.pk, tuple(token for token in tokens if token.startswith("g:"))),
        "snoozed": inbox.Scope(user.pk, seen, snoozed=True),
    }


def totals(request: HttpRequest) -> inbox.Totals:
    """The counts of all views, and the views that the person has saved."""
    user: Any = request.user
    return once(request, "inbox_totals", lambda: inbox.totals(scopes(request), user.pk))


def forget(request: HttpRequest) -> None:
    """Count anew, after something that this request has changed."""
    vars(request).pop("inbox_totals", None)


def once(request: HttpRequest, name: str, read: Callable[[], T]) -> T:
    if name not in vars(request):
        vars(request)[name] = read()
    found: T = vars(request)[name]
    return found
