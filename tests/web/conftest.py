"""Questions as the worker would have written them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from flows.engine import canonical_json
from flows.models import Execution, Interrupt
from flows.services import questions

Ask = Callable[..., Interrupt]


@pytest.fixture
def ask(db: None) -> Ask:
    """Open an interrupt; keywords are those of pause_for, and the audience."""

    def opened(
        payload: Any = None,
        *,
        type: str = "approval",
        audience: tuple[str, ...] = ("g:Finance",),
        requester: User | None = None,
        title: str = "Refund 12.50 to Ann",
        flow: str = "refund",
        **options: Any,
    ) -> Interrupt:
        shown = canonical_json({"title": title} if payload is None else payload)
        execution = Execution.objects.create(
            flow=flow, status="waiting", requester=requester, input={}, wake_at=None, snapshot="{}"
        )
        schema = options.get("response_schema")
        digest = questions.digest_of(type=type, title=title, payload=shown, response_schema=schema)
        return Interrupt.objects.create(
            execution=execution,
            key=f"ask-{execution.short_id}",
            flow=flow,
            step="ask",
            type=type,
            title=title,
            payload=shown,
            audience=list(audience),
            excluded=requester,
            digest=digest,
            **options,
        )

    return opened


@pytest.fixture
def as_fiona(client: Client, fiona: User) -> Client:
    client.force_login(fiona)
    return client
