"""One constant policy: no inline script, no inline style, nothing from elsewhere."""

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


@sync_and_async_middleware
def content_security_policy(get_response):  # type: ignore[no-untyped-def]
    """Put the policy on every response that does not bring its own."""

    async def asynchronous(request: HttpRequest) -> HttpResponseBase:
        return _with_policy(await get_response(request))

    def synchronous(request: HttpRequest) -> HttpResponseBase:
        return _with_policy(get_response(request))

    return asynchronous if iscoroutinefunction(get_response) else synchronous


def _with_policy(response: HttpResponseBase) -> HttpResponseBase:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    return response
