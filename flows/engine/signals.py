"""The moving parts of an execution: what is about to run, what waits, what is being collected.

All values in here are tagged JSON (see `canonical`). Each class knows its own JSON form.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Scope = tuple[int, str] | None  # (join number, branch key) that the signal stands in; None: outermost

START = "$start"


class Unset:
    """The one value that means "none was given", where None is a value."""

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> bool:
        return False


UNSET = Unset()


@dataclass(slots=True)
class Signal:
    """A value on its way to a step; `event` is what started its chain."""

    step: str
    value: Any
    scope: Scope
    event: str


@dataclass(slots=True)
class Activation:
    """One chunk about to run on one signal. `resume` is set when it runs again after a pause."""

    id: int
    step: str
    value: Any
    scope: Scope
    event: str
    attempt: int = 1
    resume: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        data = {
            "id": self.id,
            "step": self.step,
            "value": self.value,
            "scope": self.scope and list(self.scope),
            "event": self.event,
            "attempt": self.attempt,
        }
        return data if self.resume is None else data | {"resume": self.resume}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Activation:
        return cls(**data | {"scope": scope_of(data["scope"])})


@dataclass(slots=True)
class Interrupt:
    """An open question. `target` is "next", "self" or {"event": name}; `value` and `event` are the
    paused signal's (kept for "self" only); `options` are what was said to the host: response_schema,
    initial, policy."""

    id: str
    type: str
    payload: Any
    step: str
    scope: Scope
    target: str | dict[str, str]
    event: str
    value: Any = None
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def awaited_event(self) -> str | None:
        """The event that resolves it, when its target is one."""
        return self.target["event"] if isinstance(self.target, dict) else None

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "type": self.type,
            "payload": self.payload,
            "step": self.step,
            "scope": self.scope and list(self.scope),
            "target": self.target,
            "event": self.event,
            "value": self.value,
            "options": self.options,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Interrupt:
        return cls(**data | {"scope": scope_of(data["scope"])})


@dataclass(slots=True)
class Join:
    """What one run of a batch or for_each has collected. `queue` are branches that have not started
    yet (key and value); `scope` is where its own output goes."""

    id: int
    opener: str
    scope: Scope
    event: str
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
            "scope": self.scope and list(self.scope),
            "event": self.event,
            "keys": self.keys,
            "results": self.results,
            "queue": [list(entry) for entry in self.queue],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Join:
        queue = [(key, value) for key, value in data["queue"]]
        return cls(**data | {"scope": scope_of(data["scope"]), "queue": queue})


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
    ("pause", Interrupt) or ("result", value). With `error` nothing else counts.
    """

    effects: list[tuple[Any, ...]] = field(default_factory=list)
    output: Any = None
    branch: str | None = None
    error: Exception | None = None


@dataclass(slots=True)
class Changes:
    """What a call did to interrupts: those it opened, and the ids of those that an event closed."""

    opened: list[Interrupt] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)


def scope_of(data: list[Any] | None) -> Scope:
    return None if data is None else (data[0], data[1])
