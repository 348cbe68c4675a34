"""What a run came to: how much of what, and until when it can be taken back."""

from collections import Counter
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from flows.models import Response, Vote
from flows.services.bulk import MOST
from flows.web.bulk.table import Outcomes
from flows.web.listing import uuid_or_none
from flows.web.pages import counted, waiting
from flows.web.question import Said

SHOWN = 8.0  # seconds, where nothing can be taken back


def said_of(marks: list[str]) -> Outcomes:
    """The outcomes that the rows of the page carry: "done:<id>", "refused:<id>" or "failed:<id>"."""
    pairs = [mark.partition(":")[::2] for mark in marks[:MOST]]
    done = [id for kind, text in pairs if kind == "done" and (id := uuid_or_none(text))]
    kinds = [kind for kind, _ in pairs]
    return Outcomes(done, kinds.count("refused"), kinds.count("failed"))


def finished(request: HttpRequest, outcomes: Outcomes) -> dict[str, Any]:
    """What is told at the end; `undo` are the ids of what can still be taken back, until `left` seconds."""
    given = responses(request, outcomes.done)
    answered = {response.interrupt_id for response in given}
    open_votes = votes(request, [id for id in outcomes.done if id not in answered])
    everything: list[Response | Vote] = [*given, *open_votes]
    undoable = [said for said in everything if said.can_be_undone]
    left = min((seconds_until(said.effective_at) for said in undoable), default=SHOWN)
    return {
        "outcomes": outcomes,
        "told": told(given, outcomes),
        "undo": ",".join(str(said.interrupt_id) for said in undoable),
        "left": left,
        **counted(waiting(request)),
    }


def responses(request: HttpRequest, ids: list[UUID]) -> list[Response]:
    """This person's own answers to these; one query."""
    rows = Response.objects.filter(by=cast(User, request.user), interrupt__in=ids)
    return list(rows.select_related("interrupt"))


def votes(request: HttpRequest, ids: list[UUID]) -> list[Vote]:
    """What they have said where it takes several people, and not all have; no query without any."""
    return list(Vote.objects.filter(by=cast(User, request.user), interrupt__in=ids)) if ids else []


def told(given: list[Response], outcomes: Outcomes) -> str:
    """For instance "409 approved, 3 rejected"; a vote that waits for others is no answer yet."""
    verbs = Counter(Said.of(response.interrupt, response).verb for response in given)
    others = len(outcomes.done) - len(given)
    counted = gettext("%(count)s %(verb)s")
    parts = [counted % {"count": f"{count:,}", "verb": verb} for verb, count in verbs.most_common()]
    if others > 0:
        waits = ngettext("%(count)s waits for others", "%(count)s wait for others", others)
        parts.append(waits % {"count": f"{others:,}"})
    return gettext(", ").join(parts)


def seconds_until(when: datetime | None) -> float:
    return round(max(0.0, (when - timezone.now()).total_seconds()), 1) if when else 0.0
