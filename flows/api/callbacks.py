"""Answers of other programs: a POST to an address of `services.callbacks`, its body the answer as JSON."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from flows.engine.canonical import MAX_BYTES
from flows.services import callbacks, errors

LARGEST = 2 * MAX_BYTES  # escapes and spaces make JSON longer than what is counted


@csrf_exempt
@require_POST
def callback(request: HttpRequest, execution_id: UUID, signature: str, key: str) -> JsonResponse:
    """200: it is the answer, also when it came before; 202: it is kept until it is asked for; 400: no JSON;
    404: no such address; 409: there is another answer; 410: the question is over; 413; 422: it does not fit.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return told(413, f"An answer has at most {MAX_BYTES:,} bytes.")
    try:
        answer = json.loads(request.body)
        given = callbacks.answer(execution_id=execution_id, key=key, signature=signature, answer=answer)
    except errors.NotFound:
        return told(404, "There is no such address.")
    except errors.Invalid as error:
        problems = [{"path": list(problem.path), "message": problem.message} for problem in error.problems]
        return told(422, error.message, problems=problems)
    except errors.AlreadyClosed as error:
        return told(409 if error.response else 410, error.message)
    except errors.FlowsError as error:
        return told(409, error.message)
    except (ValueError, RecursionError) as error:
        return told(400, f"The body is not JSON that can be taken: {error}")
    return told(202, "Kept until it is asked for.") if given is None else told(200, "Taken.")


def told(status: int, message: str, **more: Any) -> JsonResponse:
    return JsonResponse({"message": message, **more}, status=status)
