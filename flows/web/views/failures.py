"""Pages for what went wrong, in the look of all others. Nothing in here touches the database."""

import logging
import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

RETRY_SECONDS = 5

log = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """500; or 503 when it was the database that did not answer."""
    error = sys.exc_info()[1]
    if database_is_away(error):
        return away(request, error)
    return HttpResponse(render_to_string("500.html"), status=500)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400. Django's own view reads the form again for its token, and would fail where the form failed.

    A session that could not be stored looks like a bad request, whatever the reason was.
    """
    if database_is_away(exception):
        return away(request, exception)
    return HttpResponse(render_to_string("400.html"), status=400)


def away(request: HttpRequest, error: BaseException | None) -> HttpResponse:
    """503, which looks again by itself; for htmx, which keeps its page, only a sentence.

    One line in the log for each: a traceback for every request would bury what else there is.
    """
    log.warning("503 for %s %s: %s", request.method, request.path, " ".join(str(error).split()))
    template = "_database_away.html" if request.headers.get("HX-Request") else "503.html"
    again = request.get_full_path() if request.method in ("GET", "HEAD") else ""
    text = render_to_string(template, {"again": again, "seconds": RETRY_SECONDS})
    response = HttpResponse(text, status=503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    response.headers["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]
    return response


def database_is_away(error: BaseException | None) -> bool:
    """Whether the database is gone, out of something or too slow, there or in what led to the error."""
    while error is not None and not isinstance(error, OperationalError | InterfaceError):
        error = error.__cause__ or error.__context__
    return error is not None


def csrf_failure(request: HttpRequest, reason: str = "", **details: Any) -> HttpResponse:
    """403 for a form that was open for too long, or was not ours; 401 for one that htmx keeps on its page."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401)
    return HttpResponse(render_to_string("403_csrf.html"), status=403)
