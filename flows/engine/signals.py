"""The moving parts of an execution: what is about to run, what waits, what is being collected.

All values in here are tagged JSON (see `canonical`). Each class knows its own JSON form.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flows.engine.canonical import canonical_json, restore_json
from flows.engine.timers import SHOWN, Timer, TimerKind

Scope = tuple[int, str] | None  # (join number, branch key) that the signal stands in; None: outermost

START = "$start"
STATE = "$state."  # and a path: the event of a change there


class Place(NamedTuple):
    """Where a signal stands: in which frame (0: the flow itself, else a sub flow's), in which scope
    of its batches and loops, and which event started its chain."""

    frame: int
    scope: Scope
    event: str

    @property
    def owner(self) -> int:
        """The number of the join, or else of the frame, that it stands in."""
        return self.frame if self.scope is None else self.scope[0]

    def to_json(self) -> dict[str, Any]:
        data = {"scope": self.scope and list(self.scope), "event": self.event}
        return data | {"frame": self.frame} if self.frame else data


def without_place(data: dict[str, Any]) -> dict[str, Any]:
    """JSON of something that stands somewhere, with its three keys made a Place."""
    rest = dict(data)
    scope = rest.pop("scope")
    rest["place"] = Place(rest.pop("frame", 0), scope and (scope[0], scope[1]), rest.pop("event"))
    return rest


class Unset:
    """The one value that means "none was given", where None is a value."""

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> bool:
        return False


UNSET = Unset()


@dataclass(slots=True)
class Signal:
    """A value on its way to a step."""

    step: str
    value: Any
    place: Place


@dataclass(slots=True)
class Activation:
    """One chunk about to run on one signal. `resume` is set when it runs again after a pause, for the
    `resumes`-th time; `not_before` is an instant, set after an attempt that raised (see `timers`); `away` is
    the id of the run that it was sent away as, while it is away."""

    id: int
    step: str
    value: Any
    place: Place
    attempt: int = 1
    resume: dict[str, Any] | None = None
    not_before: float = 0.0
    resumes: int = 0
    away: str | None = None

    @property
    def signal(self) -> Signal:
        """What it runs on."""
        return Signal(self.step, self.value, self.place)

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = {
            "id": self.id,
            "step": self.step,
            "value": self.value,
            **self.place.to_json(),
            "attempt": self.attempt,
        }
        for name in ("resume", "not_before", "resumes", "away"):
            if given := getattr(self, name):
                data[name] = given
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Activation:
        rest = without_place(data)
        rest.pop("delay", None)  # older snapshots: seconds to wait, which are over by now
        return cls(**rest)


@dataclass(slots=True)
class Interrupt:
    """An open question. `target` is "next", "self" or {"event": name}; `value` is the paused signal's,
    kept where its chunk may run again; `options` are what was said to the host: response_schema, policy, ….
    `timers` are in seconds from its opening until `begin`, instants since, the first one first; `resumes`
    is how often its chunk was resumed before it asked."""

    id: str
    type: str
    payload: Any
    step: str
    place: Place
    target: str | dict[str, str]
    value: Any = None
    options: dict[str, Any] = field(default_factory=dict)
    timers: list[Timer] = field(default_factory=list)
    resumes: int = 0

    @property
    def awaited_event(self) -> str | None:
        """The event that resolves it, when its target is one."""
        return self.target["event"] if isinstance(self.target, dict) else None

    @property
    def signal(self) -> Signal:
        """What its chunk ran on."""
        return Signal(self.step, self.value, self.place)

    def begin(self, now: float) -> None:
        """It opens now: its timers become instants, those that people see dates."""
        self.timers = [Timer(now + timer.at, timer.kind) for timer in self.timers]
        for at, kind in self.timers:
            if kind in SHOWN:
                self.options[SHOWN[kind]] = canonical_json(datetime.fromtimestamp(at, UTC))

    def public(self) -> dict[str, Any]:
        """What it asks, as live values: id, type, payload, resume_to, step, status and options."""
        return {
            "id": self.id,
            "type": self.type,
            "payload": restore_json(self.payload),
            "resume_to": restore_json(self.target),
            "step": self.step,
            "status": "waiting",
            **restore_json(self.options),
        }

    def resumed(self, value: Any, response: dict[str, Any] | None) -> dict[str, Any]:
        """What its chunk learns, when it runs again, of the question and its answer."""
        asked = {"id": self.id, "type": self.type, "payload": self.payload}
        return {"interrupt_id": self.id, "value": value, "interrupt": asked, "response": response}

    def awaits(self, event: str, frame: int) -> bool:
        """Whether `event`, emitted in `frame`, resolves it."""
        return self.awaited_event == event and self.place.frame == frame

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": self.type,
            "payload": self.payload,
            "step": self.step,
            **self.place.to_json(),
            "target": self.target,
            "value": self.value,
            "options": self.options,
            **({"timers": [list(timer) for timer in self.timers]} if self.timers else {}),
            **({"resumes": self.resumes} if self.resumes else {}),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Interrupt:
        timers = [Timer(at, TimerKind(kind)) for at, kind in data.get("timers", ())]
        return cls(**without_place(data) | {"timers": timers})


@dataclass(slots=True)
class Join:
    """What one run of a batch, for_each or match has collected. `queue` are branches that have not
    started yet (key and value); `place` is where its own output goes."""

    id: int
    opener: str
    place: Place
    keys: list[str]
    results: dict[str, Any]
    queue: list[tuple[str, Any]]

    @property
    def running(self) -> int:
        return len(self.keys) - len(self.results) - len(self.queue)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "opener": self.opener,
            **self.place.to_json(),
            "keys": self.keys,
            "results": self.results,
            "queue": [list(entry) for entry in self.queue],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Join:
        queue = [(key, value) for key, value in data["queue"]]
        return cls(**without_place(data) | {"queue": queue})


@dataclass(slots=True)
class Gathered:
    """What a `collect` or a `when` of several events has so far, by branch or event."""

    step: str
    place: Place
    values: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {"step": self.step, **self.place.to_json(), "values": self.values}

    @property
    def spot(self) -> tuple[str, str | None]:
        """The step, and the branch that it gathers in; unique within `place.owner`."""
        return self.step, self.place.scope and self.place.scope[1]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Gathered:
        return cls(**without_place(data))


@dataclass(slots=True)
class Failure:
    """An activation whose chunk raised, with the exception's type and text."""

    activation: Activation
    type: str
    message: str

    def to_json(self) -> dict[str, Any]:
        return {"activation": self.activation.to_json(), "type": self.type, "message": self.message}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Failure:
        return cls(Activation.from_json(data["activation"]), data["type"], data["message"])


@dataclass(slots=True)
class Outcome:
    """What one run of a chunk wants to change: `effects` in the order of its calls, then `output`.

    An effect is ("set" | "append", path, value), ("del", path), ("emit", event, value),
    ("pause", Interrupt), ("result", value), ("stream", item). A choice has `branches`, the keys it
    takes, instead of an output. With `error` nothing else counts.
    """

    effects: list[tuple[Any, ...]] = field(default_factory=list)
    output: Any = None
    branches: list[str] | None = None
    error: Exception | None = None

    @property
    def has_paused(self) -> bool:
        """Whether the chunk asked something; then its output does not count."""
        return any(effect[0] == "pause" for effect in self.effects)


@dataclass(slots=True)
class Changes:
    """What a call did that its host passes on: the interrupts it opened, the ids of those that an event
    closed, the events it emitted in the flow itself (name, value), the items for the stream."""

    opened: list[Interrupt] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    emitted: list[tuple[str, Any]] = field(default_factory=list)
    streamed: list[Any] = field(default_factory=list)
