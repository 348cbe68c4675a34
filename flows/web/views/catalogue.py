"""The flows there are, and starting one."""

from typing import Any, cast
from uuid import uuid4

from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_http_methods, require_safe

from flows import engine, registry
from flows.services import errors, executions
from flows.web.drawing import draw
from flows.web.forms import SchemaForm, rows, schema_form
from flows.web.forms.rows import OPERATION
from flows.web.pages import page, signed_in
from flows.web.reader import zone_of
from flows.web.steps import steps_in

REUSED = gettext_noop("This form was sent before with other values. Send it again to start another one.")


@require_safe
@signed_in
def flows(request: HttpRequest) -> HttpResponseBase:
    listed = [{"flow": found, "steps": steps_in(found)} for found in registry.all()]
    return page(request, "flows/page.html", {"nav": "flows", "listed": listed})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def flow(request: HttpRequest, name: str) -> HttpResponseBase:
    """The start form; a POST starts an execution and shows it."""
    try:
        found = executions.registered(name)
    except errors.UnknownFlow as error:
        raise Http404(error.message) from None
    if request.method != "POST":
        return show(
            request, found, schema_form(found.input_schema, label=gettext("Input"), zone=zone_of(request))
        )
    if OPERATION in request.POST:
        return edited(request, found)
    form = schema_form(
        found.input_schema, request.POST, request.FILES, label=gettext("Input"), zone=zone_of(request)
    )
    return start(request, found, form)


def edited(request: HttpRequest, found: registry.Registration) -> HttpResponseBase:
    """The form as it was typed, with a row more or less; nothing is judged or started."""
    data, new = rows.edited(request.POST)
    form = schema_form(found.input_schema, data, label=gettext("Input"), zone=zone_of(request))
    form.as_typed()
    if new is not None:
        form.point_at_row(request.POST[OPERATION].partition(":")[2], new)
    return show(request, found, form, request_id=request.POST.get("request_id", ""))


def start(request: HttpRequest, found: registry.Registration, form: SchemaForm) -> HttpResponseBase:
    request_id = request.POST.get("request_id") or uuid4().hex
    if not form.is_valid():
        return show(request, found, form, status=422, request_id=request_id)
    try:
        execution = executions.start(
            flow=found.name, input=form.answer, by=request.user, request_id=request_id, door="browser"
        )
    except errors.InvalidInput as error:
        form.refuse(error.problems)
        return show(request, found, form, status=422, request_id=request_id)
    except errors.RequestReused:
        form.add_error(None, gettext(REUSED))
        return show(request, found, form, status=409)
    except errors.NotAllowed as error:
        form.add_error(None, error.message)
        return show(request, found, form, status=403, request_id=request_id)
    return HttpResponseRedirect(execution.get_absolute_url(), status=303)


def show(
    request: HttpRequest,
    found: registry.Registration,
    form: SchemaForm,
    *,
    status: int = 200,
    request_id: str = "",
) -> HttpResponseBase:
    if form.is_bound:
        form.point_at_first_error()
    context: dict[str, Any] = {
        "nav": "flows",
        "flow": found,
        "form": form,
        "request_id": request_id or uuid4().hex,
        "drawing": draw(engine.diagram(found.flow.definition), {}),
        "may_start": executions.may_start(cast(User, request.user), found),
        "steps": steps_in(found),
    }
    return page(request, "flows/flow.html", context, status=status)
