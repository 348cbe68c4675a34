"""Views of the inbox that a person keeps."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse

from flows.models import SavedView
from flows.services import errors, inbox
from flows.web.filters import Filters
from flows.web.pages import posted, signed_in


def home(request: HttpRequest) -> HttpResponseBase:
    """Where a person starts: the view they chose, else the whole inbox."""
    query = ""
    if request.user.is_authenticated:
        start = SavedView.objects.filter(user=request.user.pk, is_start=True).first()
        query = start.query if start else ""
    return HttpResponseRedirect(address(query))


@posted
@signed_in
def save(request: HttpRequest) -> HttpResponseBase:
    """Keep the view whose query is given, cleaned of what is none of an inbox."""
    query = Filters.of(QueryDict(request.POST.get("query", ""))).query(place="").lstrip("?")
    try:
        inbox.save_view(name=request.POST.get("name", ""), query=query, by=request.user)
    except errors.Invalid as error:
        messages.error(request, error.problems[0].message)
    return HttpResponseRedirect(address(query), status=303)


@posted
@signed_in
def change(request: HttpRequest, view_id: int) -> HttpResponseBase:
    """Rename it, delete it, or start with it, as the button says; then back to where one was."""
    here = Filters.of(QueryDict(request.POST.get("query", ""))).query().lstrip("?")
    done = request.POST.get("do")
    try:
        if done == "delete":
            inbox.delete_view(view_id=view_id, by=request.user)
        elif done == "start":
            inbox.start_with(view_id=view_id, by=request.user)
        elif done == "no_start":
            inbox.start_with(view_id=None, by=request.user)
        else:
            inbox.rename_view(view_id=view_id, name=request.POST.get("name", ""), by=request.user)
    except errors.NotFound as error:
        raise Http404(error.message) from None
    except errors.Invalid as error:
        messages.error(request, error.problems[0].message)
    return HttpResponseRedirect(address(here), status=303)


def address(query: str) -> str:
    return reverse("inbox") + (f"?{query}" if query else "")
