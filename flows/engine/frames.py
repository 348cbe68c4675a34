"""One flow inside an execution: the flow itself (frame 0), or a sub flow while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flows.engine.definition import Definition
from flows.engine.signals import UNSET, Place, Signal, without_place


@dataclass(slots=True)
class Frame:
    """Its own state, result and counts of finished steps. `caller` is the signal that entered the sub
    flow's step in the frame around it; None for the flow itself. Values are tagged JSON."""

    number: int
    definition: Definition
    caller: Signal | None = None
    state: dict[str, Any] = field(default_factory=dict)
    result: Any = UNSET
    done: dict[str, int] = field(default_factory=dict)

    @property
    def outcome(self) -> Any:
        """What the step of a sub flow hands on: the result that was set, else the state."""
        return self.state if self.result is UNSET else self.result

    def count(self, step: str) -> None:
        self.done[step] = self.done.get(step, 0) + 1

    def to_json(self) -> dict[str, Any]:
        """What a snapshot keeps of it; a sub flow's also says where it was entered."""
        data: dict[str, Any] = {"state": self.state, "done": dict(self.done)}
        if self.result is not UNSET:
            data["result"] = self.result
        if self.caller is not None:
            data |= {"number": self.number, "step": self.caller.step, "value": self.caller.value}
            data |= self.caller.place.to_json()
        return data

    def fill(self, data: dict[str, Any]) -> None:
        """Take over what `to_json` gave."""
        self.state, self.done, self.result = data["state"], dict(data["done"]), data.get("result", UNSET)


def caller_of(data: dict[str, Any]) -> Signal:
    """The signal that entered the sub flow whose frame was saved as `data`."""
    place: Place = without_place(data)["place"]
    return Signal(data["step"], data["value"], place)
