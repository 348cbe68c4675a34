"""What `pause_for` and `emit` accept."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flows.engine.canonical import canonical_json
from flows.engine.chunk import is_seconds
from flows.engine.policy import asks_several, check_policy
from flows.engine.schemas import json_schema
from flows.engine.signals import Activation, Interrupt
from flows.engine.timers import Timer, TimerKind

CANCEL, FAIL = "cancel", "fail"  # what on_expire can be instead of an answer
PRIORITIES = ("low", "normal", "high", "urgent")
LONGEST = timedelta(days=3650).total_seconds()

Seconds = float | timedelta


@dataclass(frozen=True, slots=True)
class Pause:
    """What `pause_for` returns and a chunk returns in turn."""

    interrupt_id: str


def resume_target(resume_to: Any, resume_event: Any) -> str | dict[str, str]:
    """Where an answer goes: "next", "self" or {"event": name}. Raises ValueError for anything else."""
    if resume_to is None:
        resume_to = "next" if resume_event is None else {"event": resume_event}
    if resume_to in ("next", "self"):
        return str(resume_to)
    if isinstance(resume_to, dict) and set(resume_to) == {"event"}:
        name = resume_to["event"]
        check_event(name)
        return {"event": canonical_json(name)}
    raise ValueError(f'resume_to is "next", "self" or {{"event": name}}, not {resume_to!r}.')


def check_event(event: Any) -> None:
    """Raises ValueError for what cannot name an event; names that begin with $ are the engine's own."""
    if not isinstance(event, str) or not canonical_json(event) or event.startswith("$"):
        raise ValueError(f"An event is named by a text that does not begin with $, not {event!r}.")


def check_type(type: Any) -> str:
    """`type` of a pause as text; raises ValueError for anything else."""
    if not isinstance(type, str):
        raise ValueError(f"The type of a pause is a text, not {type!r}.")
    return str(canonical_json(type))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a chunk gave to `pause_for`, not checked yet; `target` is from `resume_target`."""

    type: Any
    payload: Any
    target: str | dict[str, str]
    response_schema: Any
    initial: Any
    policy: Any
    due_in: Any
    expires_in: Any
    on_expire: Any
    remind_after: Any
    priority: Any
    undo_seconds: Any
    max_resumes: Any

    def interrupt(self, id: str, activation: Activation) -> Interrupt:
        """The interrupt of the chunk that runs as `activation`; raises ValueError, NotJSON, TypeError."""
        may_run_again = self.target == "self" or self.on_expire is not None
        return Interrupt(
            id=id,
            type=check_type(self.type),
            payload=canonical_json(self.payload),
            step=activation.step,
            place=activation.place,
            target=self.target,
            value=activation.value if may_run_again else None,
            options=self._options(),
            timers=self._timers(),
            resumes=activation.resumes,
        )

    def _options(self) -> dict[str, Any]:
        options = {
            "response_schema": json_schema(self.response_schema),
            "initial": canonical_json(self.initial),
            "policy": self._policy(),
            "on_expire": canonical_json(self.on_expire),
            "priority": check_priority(self.priority),
            "undo_seconds": check_undo(self.undo_seconds),
            "max_resumes": check_resumes(self.max_resumes, self.target),
        }
        return {name: given for name, given in options.items() if given is not None}

    def _policy(self) -> dict[str, Any] | None:
        policy = check_policy(self.policy)
        if asks_several(policy) and self.type != "approval":
            raise ValueError('A quorum and stages go with type="approval": other answers cannot be counted.')
        return policy

    def _timers(self) -> list[Timer]:
        if (self.expires_in is None) != (self.on_expire is None):
            raise ValueError(
                "expires_in and on_expire go together: when the question expires, and what happens then "
                '(an answer, "cancel" or "fail").'
            )
        given = [("due_in", self.due_in, TimerKind.DUE), ("expires_in", self.expires_in, TimerKind.EXPIRE)]
        reminders = self.remind_after if isinstance(self.remind_after, list) else [self.remind_after]
        given += [("remind_after", after, TimerKind.REMIND) for after in reminders]
        timers = [Timer(_seconds(name, value), kind) for name, value, kind in given if value is not None]
        return sorted(timers, key=lambda timer: timer.at)


def check_priority(priority: Any) -> str | None:
    """`priority` as it is; raises ValueError for none of PRIORITIES."""
    if priority is None or priority in PRIORITIES:
        return None if priority is None else str(priority)
    raise ValueError(f"priority is one of {', '.join(PRIORITIES)}, not {priority!r}.")


def check_undo(undo_seconds: Any) -> float | None:
    """Seconds in which an answer can be taken back; raises ValueError for anything else than 0 to an hour."""
    if undo_seconds is None or (is_seconds(undo_seconds) and undo_seconds <= 3600):
        return None if undo_seconds is None else float(undo_seconds)
    raise ValueError(f"undo_seconds is a number from 0 to 3,600, not {undo_seconds!r}.")


def check_resumes(max_resumes: Any, target: Any) -> int | None:
    """`max_resumes` as it is; raises ValueError for what is no count, or counts nothing."""
    if max_resumes is None:
        return None
    if type(max_resumes) is not int or max_resumes < 1:
        raise ValueError(f"max_resumes is a whole number from 1, not {max_resumes!r}.")
    if target != "self":
        raise ValueError('max_resumes goes with resume_to="self": no other pause runs its chunk again.')
    return max_resumes


def _seconds(name: str, value: Any) -> float:
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    if not is_seconds(seconds) or not 0 < seconds <= LONGEST:
        problem = "is a number of seconds above 0, or a timedelta, and ten years at most"
        raise ValueError(f"{name} {problem}, not {value!r}.")
    return float(seconds)
