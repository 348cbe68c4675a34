"""What a person does to their own inbox: putting items aside, and keeping views of it."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from flows.live import hints
from flows.models import Interrupt, SavedView, Snooze
from flows.services.arguments import short_text, uuid_of
from flows.services.errors import Conflict, InvalidInput, NotFound, Problem
from flows.services.people import present

LONGEST_SNOOZE = timedelta(days=366)
MOST_VIEWS = 50
LONGEST_QUERY = 2000
LONGEST_NAME = 60


def snooze(*, interrupt_id: UUID | str, by: Any, until: datetime) -> Snooze:
    """Put a waiting item aside, for `by` alone, until a time at most a year ahead; again: until the new time.

    Raises NotFound (none that they may see), Conflict (it does not wait), InvalidInput (`until`), NotAllowed.
    """
    person = present(by)
    key = uuid_of("interrupt", interrupt_id)
    interrupt = Interrupt.objects.visible_to(person).filter(pk=key).first() if person else None
    if person is None or interrupt is None:
        raise NotFound("interrupt", interrupt_id)
    if not interrupt.is_waiting:
        raise Conflict(gettext("Only what waits can be snoozed."))
    if not timezone.now() < until <= timezone.now() + LONGEST_SNOOZE:
        raise InvalidInput([Problem(("until",), gettext("Choose a time to come, at most a year ahead."))])
    row, _ = Snooze.objects.update_or_create(user=person, interrupt=interrupt, defaults={"until": until})
    _tell(person)
    return row


def unsnooze(*, interrupt_id: UUID | str, by: Any) -> bool:
    """Bring an item back to the inbox of `by`; False when it was not put aside. Raises NotAllowed."""
    person = present(by)
    key = uuid_of("interrupt", interrupt_id)
    removed, _ = Snooze.objects.filter(user=person, interrupt=key).delete()
    if removed and person:
        _tell(person)
    return bool(removed)


def save_view(*, name: str, query: str, by: Any) -> SavedView:
    """Keep a view of the inbox under a name of one's own; the same name again: the new query.

    `query` is that of an inbox address. Raises InvalidInput (`name`, `query`, or too many views), NotAllowed.
    """
    person = present(by)
    if len(query) > LONGEST_QUERY:
        raise InvalidInput([Problem(("query",), gettext("This view is too long to be kept."))])
    if SavedView.objects.filter(user=person).exclude(name=_name(name)).count() >= MOST_VIEWS:
        raise InvalidInput(
            [Problem(("name",), gettext("At most %(most)s views. Delete one first.") % {"most": MOST_VIEWS})]
        )
    view, _ = SavedView.objects.update_or_create(user=person, name=_name(name), defaults={"query": query})
    return view


def rename_view(*, view_id: int, name: str, by: Any) -> SavedView:
    """Raises NotFound, InvalidInput (`name`: empty, too long or taken), NotAllowed."""
    view = _view(view_id, by)
    view.name = _name(name)
    try:
        with transaction.atomic():
            view.save(update_fields=["name"])
    except IntegrityError:
        raise InvalidInput([Problem(("name",), gettext("You have a view of this name already."))]) from None
    return view


def delete_view(*, view_id: int, by: Any) -> None:
    """Raises NotFound, NotAllowed."""
    _view(view_id, by).delete()


def start_with(*, view_id: int | None, by: Any) -> None:
    """Make this view the one that `by` starts with; None: everything again. Raises NotFound, NotAllowed."""
    person = present(by)
    with transaction.atomic():
        SavedView.objects.filter(user=person, is_start=True).update(is_start=False)
        if view_id is not None:
            view = _view(view_id, by)
            view.is_start = True
            view.save(update_fields=["is_start"])


def _view(view_id: int, by: Any) -> SavedView:
    view = SavedView.objects.filter(user=present(by), pk=view_id).first()
    if view is None:
        raise NotFound("view", view_id)
    return view


def _name(name: str) -> str:
    text = " ".join((short_text("name", name, LONGEST_NAME) or "").split())
    if not text:
        raise InvalidInput([Problem(("name",), gettext("Give the view a name."))])
    return text


def _tell(person: Any) -> None:
    """The other windows of this person look again."""
    hints.after_commit({f"inbox:u:{person.get_username()}"})
