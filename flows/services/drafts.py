"""What somebody has typed and not sent yet: kept for them on every device, and never judged."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext, gettext_noop

from flows.engine.text import clean
from flows.models import Draft, Given, Interrupt, Response, Vote
from flows.services.arguments import short_text
from flows.services.errors import Conflict, Invalid, NotFound, Problem

MAX_BYTES = 512_000  # an answer is 256 KiB at most; quoted, with the names of its fields, it is larger


class TooLarge(Invalid):
    what = gettext_noop("draft")


class NewerDraft(Conflict):
    """Something was typed in another window since this one was opened; `draft` is that."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        super().__init__(gettext("You have typed something newer in another window."))


@dataclass(frozen=True, slots=True)
class Typed:
    """`data` is {field: [text, …]}; `form` identifies the open form, `version` is that of the draft it
    began with, 0 without one."""

    data: Mapping[str, list[str]]
    form: str
    version: int = 0


def of(user: User, interrupt: Interrupt) -> Draft | None:
    return Draft.objects.filter(user=user, interrupt=interrupt).first()


def save(*, interrupt_id: UUID, user: User, typed: Typed) -> Draft:
    """Keep what `user` has typed so far; the last writer of the same form wins.

    Raises NotFound for a question that they may not know of or that is closed, NewerDraft when
    another form wrote after this one was opened, TooLarge above 512 kB, InvalidInput.
    """
    data, form = bounded(typed.data), short_text("form", typed.form) or ""
    with transaction.atomic():
        if not Interrupt.objects.answerable_by(user).waiting().filter(pk=interrupt_id).exists():
            raise NotFound("open question", interrupt_id)
        written = {"data": data, "form": form, "updated_at": Now()}
        draft, is_new = Draft.objects.get_or_create(user=user, interrupt_id=interrupt_id, defaults=written)
        if is_new:
            draft.refresh_from_db()
            return draft
        return _written(draft.pk, typed, written)


def _written(pk: int, typed: Typed, written: dict[str, object]) -> Draft:
    draft = Draft.objects.select_for_update().get(pk=pk)
    if draft.form != typed.form and draft.version != typed.version:
        raise NewerDraft(draft)
    Draft.objects.filter(pk=pk).update(**written, version=F("version") + 1)
    return Draft.objects.get(pk=pk)


def discard(*, interrupt_id: UUID, user: User) -> None:
    """Forget what was typed. The row stays, empty: a form that was still saving comes too late."""
    changed = {"data": {}, "form": "", "version": F("version") + 1, "updated_at": Now()}
    Draft.objects.filter(interrupt_id=interrupt_id, user=user).update(**changed)


def settle(*, response: Given, user: User, typed: Typed) -> None:
    """After an answer: what was typed is kept while it can be taken back, and gone after that.

    Removes the person's drafts of all answers of theirs that have taken effect.
    """
    with transaction.atomic():
        answered = Response.objects.filter(by=user).exclude(effective_at__gt=Now())
        voted = Vote.objects.filter(by=user).exclude(effective_at__gt=Now())
        over = Q(interrupt__response__in=answered) | Q(interrupt__votes__in=voted)
        Draft.objects.filter(over, user=user).delete()
        if not response.can_be_undone:
            return
        written = {"data": bounded(typed.data), "form": typed.form, "updated_at": Now()}
        Draft.objects.update_or_create(user=user, interrupt_id=response.interrupt_id, defaults=written)


def bounded(data: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """`data` fit for the database; raises TooLarge."""
    kept = {clean(name): [clean(text) for text in texts] for name, texts in data.items()}
    if len(json.dumps(kept, ensure_ascii=False).encode()) > MAX_BYTES:
        raise TooLarge([Problem((), gettext("It is too long to be kept."))])
    return kept
