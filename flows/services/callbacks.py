"""Addresses at which another program answers a question; each is known before its question is asked."""

import hashlib
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from flows import conf, engine
from flows.models import Given
from flows.services import early
from flows.services.errors import NotFound

SALT = "flows.callback"


def address(execution_id: UUID | str, key: str) -> str:
    """Where a POST with the answer as JSON answers the question that the flow asks as `interrupt_id=key`.

    Whoever knows it may answer: give it to that program alone. It works before the question is asked too,
    and as long as the site keeps its secret key. Begins with FLOWS_BASE_URL.
    """
    path = reverse("callback", args=[execution_id, _signature(execution_id, key), key])
    return f"{str(conf.get('FLOWS_BASE_URL')).rstrip('/')}{path}"


def answer(*, execution_id: UUID, key: str, signature: str, answer: Any) -> Given | None:
    """The answer that came to an address; None when it is kept until its question is asked.

    The same answer again gives the first result. Raises NotFound for an address that was not given out, and
    what `early.answer` raises.
    """
    try:
        Signer(salt=SALT).unsign(f"{execution_id}/{key}:{signature}")
    except BadSignature:
        raise NotFound("address", key) from None
    tagged = engine.dump_json(engine.canonical_json(answer))
    request_id = f"callback:{hashlib.sha256(tagged.encode()).hexdigest()}"
    return early.answer(
        execution_id=execution_id, key=key, answer=answer, door="webhook", request_id=request_id
    )


def _signature(execution_id: UUID | str, key: str) -> str:
    return Signer(salt=SALT).signature(f"{execution_id}/{key}")
