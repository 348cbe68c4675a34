"""What every page shares: who may look, and the number beside "Inbox"."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django_htmx.http import HttpResponseClientRefresh

from flows.store.inbox import MOST_COUNTED
from flows.web import own
from flows.web.keys import groups
from flows.web.own import visible
from flows.web.reader import language_of, preference_of, zone_of

__all__ = ["count_text", "counted", "page", "piece", "posted", "signed_in", "visible", "waiting"]

View = Callable[..., HttpResponseBase]


def signed_in(view: View) -> View:
    """Send strangers to sign in. A page that is open keeps what is typed into it: its pieces get a 401.

    Everybody else gets it in their own language and time zone.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return at_home(view, request, *args, **kwargs)
        if request.headers.get("HX-Boosted"):
            return HttpResponseClientRefresh()  # type: ignore[no-any-return]
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401)
        return redirect_to_login(request.get_full_path())

    return guarded


def at_home(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """Times are read and shown where the reader is, and words are in their language."""
    language = language_of(request)
    with timezone.override(zone_of(request)), translation.override(language):
        response = view(request, *args, **kwargs)
    response.headers.setdefault("Content-Language", language)
    return response


def posted(view: View) -> View:
    """For addresses that only take a form: whoever comes otherwise is sent to the page it is on."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST":
            return view(request, *args, **kwargs)
        return HttpResponseRedirect(f"{request.path.rstrip('/').rpartition('/')[0]}/")

    return guarded


def waiting(request: HttpRequest) -> int:
    """How many items wait for this person, at most one more than is counted, without what is snoozed."""
    return own.totals(request).counts["all"] if request.user.is_authenticated else 0


def count_text(count: int) -> str:
    return f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else f"{count:,}"


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A whole page, with the side bar's own facts."""
    count = context["waiting"] if "waiting" in context else waiting(request)
    shared = {**counted(count), "preference": preference_of(request), "keys": groups()}
    return render(request, template, {**context, **shared}, status=status)


def piece(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A part of a page by itself, for the page that shows it already.

    Never stored: at the address of a page, the Back button would show the part alone.
    """
    response = render(request, template, context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


def counted(count: int) -> dict[str, Any]:
    return {"waiting": count, "waiting_text": count_text(count)}
