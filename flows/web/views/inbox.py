"""The inbox: rows beside a reading pane."""

from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from flows.models import Interrupt, Response, Snooze
from flows.services import drafts, executions
from flows.web import snoozing
from flows.web.answering import Answering, Sent
from flows.web.background import background_of, may_have_rounds, next_step, rounds_before
from flows.web.following import done_before, is_own
from flows.web.listing import flow_title, listing_context
from flows.web.own import is_asked
from flows.web.pages import counted, page, piece, signed_in, visible, waiting
from flows.web.question import Said, at_expiry, question_of
from flows.web.reader import zone_of
from flows.web.steps import steps_of
from flows.web.voting import Voting, voting_of


@require_safe
@signed_in
def inbox(request: HttpRequest, interrupt_id: UUID | None = None) -> HttpResponseBase:
    """The whole inbox, with the item of its address open; rows alone or list and pane for htmx."""
    target = request.headers.get("HX-Target")
    if target == "rows":
        return piece(request, "inbox/_rows.html", {**listing_context(request), "open_id": interrupt_id})
    context = item_context(request, find(request, interrupt_id)) if interrupt_id else {}
    return show(request, {"done": done_before(request), **context}, alone=target == "inbox")


@require_safe
@signed_in
def count(request: HttpRequest) -> HttpResponseBase:
    return piece(request, "_count.html", counted(waiting(request)))


@require_safe
@signed_in
def outcome(request: HttpRequest, interrupt_id: UUID) -> HttpResponseBase:
    """What has become of the question, for the pane that shows it."""
    return piece(request, "inbox/_outcome.html", outcome_context(find(request, interrupt_id)))


@require_safe
@signed_in
def background(request: HttpRequest, interrupt_id: UUID) -> HttpResponseBase:
    """What stands behind a question, fetched when somebody wants to see it; a page without scripts."""
    interrupt = find(request, interrupt_id)
    context: dict[str, Any] = {"interrupt": interrupt}
    if not request.headers.get("HX-Request") or request.GET.get("part") == "rounds":
        context["rounds"] = rounds_before(request, interrupt)
    if request.headers.get("HX-Request"):
        if "rounds" in context:
            return piece(request, "inbox/_rounds.html", context)
        return piece(request, "inbox/_behind.html", {**context, "background": background_of(interrupt)})
    context["background"] = background_of(interrupt)
    return page(request, "inbox/background.html", {**context, "nav": "inbox"})


@require_safe
@signed_in
def paper(request: HttpRequest, interrupt_id: UUID) -> HttpResponseBase:
    """All of a question on one page, to be printed: what was asked, answered and done, and the digest."""
    interrupt = find(request, interrupt_id)
    context = {
        **asked_context(interrupt, voting_of(interrupt, request.user)),
        "nav": "inbox",
        "rounds": rounds_before(request, interrupt),
        "background": background_of(interrupt),
    }
    return page(request, "inbox/paper.html", context)


def show(
    request: HttpRequest, context: dict[str, Any], *, alone: bool = False, status: int = 200
) -> HttpResponseBase:
    draw = piece if alone else page
    template = "inbox/_inbox.html" if alone else "inbox/page.html"
    return draw(request, template, {**listing_context(request), "nav": "inbox", **context}, status=status)


def find(request: HttpRequest, interrupt_id: UUID) -> Interrupt:
    """The interrupt if it exists for this person, with all that the pane shows of it; else 404."""
    aside = Snooze.objects.filter(user=request.user.pk, interrupt=OuterRef("pk"), until__gt=Now())
    rows = visible(request).select_related("execution__requester", "response__by")
    rows = rows.annotate(snoozed_until=Subquery(aside.values("until")[:1]))
    found = rows.filter(pk=interrupt_id).first()
    if found is None:
        raise Http404
    return found


def item_context(
    request: HttpRequest, interrupt: Interrupt, answering: Answering | None = None
) -> dict[str, Any]:
    """Everything about one item. A closed one has a form only when this person had typed into it."""
    draft = drafts.of(cast(User, request.user), interrupt) if answering is None else None
    typed = Sent.of_draft(draft) if draft and draft.data else None
    voting = voting_of(interrupt, request.user)
    is_done = voting is not None and (voting.mine is not None or not is_asked(request, interrupt))
    has_form = interrupt.is_waiting and not is_done
    if answering is None and (has_form or (typed and not is_own(request, interrupt))):
        answering = Answering(interrupt, typed, zone_of(request))
    return {
        **asked_context(interrupt, voting),
        "draft": draft,
        "zone": zone_of(request),
        "open_id": interrupt.pk,
        "may_have_rounds": may_have_rounds(interrupt),
        "answering": answering,
        "snoozing": snoozing.choices() if has_form else (),
    }


def asked_context(interrupt: Interrupt, voting: Voting | None) -> dict[str, Any]:
    """What was asked, and what has become of it."""
    return {
        **outcome_context(interrupt),
        "question": question_of(interrupt),
        "at_expiry": at_expiry(interrupt),
        "next_step": next_step(interrupt),
        "flow_title": flow_title(interrupt.flow),
        "voting": voting,
    }


def outcome_context(interrupt: Interrupt) -> dict[str, Any]:
    """Who answered, when and what, and how the execution went on; next to nothing while it waits."""
    context: dict[str, Any] = {"interrupt": interrupt}
    if interrupt.is_waiting:
        return context
    response: Response | None = getattr(interrupt, "response", None)
    return {
        **context,
        "answer": Said.of(interrupt, response) if response else None,
        "undo_until": response.effective_at if response and response.can_be_undone else None,
        "execution": interrupt.execution,
        "steps": steps_of(interrupt.execution, executions.progress(interrupt.execution)),
    }
