"""Files of a question: downloaded by whoever may see it, never shown in the page."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from flows.web.blocks.file import File
from flows.web.pages import signed_in
from flows.web.question import question_of
from flows.web.views.inbox import find


@require_safe
@signed_in
def download(request: HttpRequest, interrupt_id: UUID, number: int) -> HttpResponseBase:
    """The content of the block of that number, always as a download."""
    blocks = question_of(find(request, interrupt_id)).blocks
    file = blocks[number].shown if number < len(blocks) else None
    if not isinstance(file, File) or file.content is None:
        raise Http404
    response = HttpResponse(file.content, content_type=file.sent_as)
    response.headers["Content-Disposition"] = content_disposition_header(True, file.safe_name)
    response.headers["Cache-Control"] = "private, no-store"
    return response
