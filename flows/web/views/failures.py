"""Pages for what went wrong, in the look of all others. Nothing in here touches the database."""

import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def server_error(request: HttpRequest) -> HttpResponse:
    """500; or 503 when it was the database that did not answer."""
    gone = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status = 503 if gone else 500
    response = HttpResponse(render_to_string(f"{status}.html"), status=status)
    if gone:
        response.headers["Retry-After"] = "5"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400. Django's own view reads the form again for its token, and would fail where the form failed."""
    return HttpResponse(render_to_string("400.html"), status=400)


def csrf_failure(request: HttpRequest, reason: str = "", **details: Any) -> HttpResponse:
    """403 for a form that was open for too long, or was not ours; 401 for one that htmx keeps on its page."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401)
    return HttpResponse(render_to_string("403_csrf.html"), status=403)
