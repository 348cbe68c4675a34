"""What became of the interrupts that were closed in this process."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flows.engine.canonical import restore_json
from flows.engine.errors import AlreadyResolved, RequestReused, UnknownInterrupt

Receipt = dict[str, Any]


def now() -> str:
    """ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Receipts:
    """One receipt for each closed interrupt: who closed it, when and how."""

    __slots__ = ("_by_id",)

    def __init__(self) -> None:
        self._by_id: dict[str, Receipt] = {}

    def keep(
        self,
        interrupt_id: str,
        tagged: Any,
        *,
        how: str,
        by: str | None = None,
        request_id: str | None = None,
    ) -> Receipt:
        """Note that an interrupt was closed; returns what `shown` of its receipt would."""
        receipt = {"interrupt_id": interrupt_id, "value": tagged, "by": by, "at": now()}
        self._by_id[interrupt_id] = receipt | {"how": how, "request_id": request_id}
        return _shown(receipt)

    def has(self, interrupt_id: str, request_id: str | None) -> bool:
        """Whether this request closed the last interrupt of that id."""
        receipt = self._by_id.get(interrupt_id)
        return receipt is not None and request_id is not None and receipt["request_id"] == request_id

    def repeated(self, interrupt_id: str, tagged: Any, request_id: str | None) -> Receipt:
        """The first result when this is that request again.

        Raises UnknownInterrupt for an interrupt not closed here, AlreadyResolved for another request,
        RequestReused for the same one with another value.
        """
        receipt = self._by_id.get(interrupt_id)
        if receipt is None:
            raise UnknownInterrupt(interrupt_id)
        if request_id is None or request_id != receipt["request_id"]:
            raise AlreadyResolved(interrupt_id, receipt["how"], receipt["by"], receipt["at"])
        if receipt["value"] != tagged:
            raise RequestReused(request_id)
        return _shown(receipt)


def _shown(receipt: Receipt) -> Receipt:
    return {name: restore_json(receipt[name]) for name in ("interrupt_id", "value", "by", "at")}
