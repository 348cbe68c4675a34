"""One call of `interrupts.decide`."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flows.models import Door, InterruptStatus
from flows.store import doors


@dataclass(frozen=True, slots=True)
class Attempt:
    """Its arguments, checked."""

    interrupt_id: UUID
    answer: Any
    by: Any
    door: Door
    request_id: str | None
    digest: str | None
    address: str
    undo_longer: float = 0.0

    @property
    def origin(self) -> doors.Origin:
        return doors.Origin(self.by and self.by.pk, self.door, self.address)

    @property
    def becomes(self) -> InterruptStatus:
        """What the interrupt becomes by this."""
        return InterruptStatus.EXPIRED if self.door is Door.TIMER else InterruptStatus.ANSWERED
