"""What a chunk is given, and the record of what it does.

Nothing a chunk does through `data` happens while it runs: calls are written down and take
effect together when the chunk has returned and its outcome is committed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flows.engine.canonical import canonical_json, restore_json
from flows.engine.contract import Contract
from flows.engine.errors import DuplicateInterrupt, PauseNotAllowed, TooManyResumes
from flows.engine.ids import new_id
from flows.engine.pause import Pause, Question, Seconds, check_event, resume_target
from flows.engine.signals import Activation, Interrupt
from flows.engine.state import MISSING, StateView, append_in, del_in, get_in, parse_path, set_in
from flows.engine.states import Status

if TYPE_CHECKING:
    from flows.engine.core import Core


@dataclass(frozen=True, slots=True)
class Host:
    """What the process that runs a chunk adds to it.

    `resources` are live objects, never saved; `pauses` is False where nobody could answer; `stream`
    takes the items of `put_into_stream` at once (without it they are part of the commit);
    `check_pause` raises for a question that the host could not ask.
    """

    resources: Mapping[str, Any] = field(default_factory=dict)
    pauses: bool = True
    stream: Callable[[Any], None] | None = None
    check_pause: Callable[[Interrupt], None] | None = None


@dataclass(frozen=True, slots=True)
class Resume:
    """Why a chunk runs again: the answer (`value`) to its own interrupt, and who gave it (`response`)."""

    interrupt_id: str
    value: Any
    interrupt: dict[str, Any]
    response: dict[str, Any] | None = field(default=None)


class TriggerFlowRuntimeData:
    """One run of one chunk: its input, the execution's state, and what it asks for."""

    def __init__(self, core: Core, activation: Activation, host: Host) -> None:
        self._core, self._activation, self._host = core, activation, host
        frame = core.frames[activation.place.frame]
        self._definition = frame.definition  # a cancelled execution has no frames left
        self._state = frame.state  # with this chunk's own writes
        self.effects: list[tuple[Any, ...]] = []
        self._input: Any = None
        self._has_input = False

    # -- where it stands ----------------------------------------------------------
    @property
    def input(self) -> Any:
        """What the step before handed on."""
        if not self._has_input:
            self._input, self._has_input = restore_json(self._activation.value), True
        return self._input

    @property
    def value(self) -> Any:
        """The same as `input`."""
        return self.input

    @property
    def event(self) -> str:
        """The event that started this chain; "$start" for chains that start on the flow."""
        return self._activation.place.event

    @property
    def execution_id(self) -> str:
        """The id of the execution, the same in its sub flows."""
        return self._core.execution_id

    @property
    def chunk_name(self) -> str:
        """The name that this chunk is registered by."""
        return self._definition.steps[self._activation.step].label

    @property
    def attempt(self) -> int:
        """Which try this is, from 1."""
        return self._activation.attempt

    @property
    def idempotency_key(self) -> str:
        """The same for every attempt of this activation, different for every other one."""
        return f"{self._core.execution_id}:{self._activation.id}"

    @property
    def is_resume(self) -> bool:
        """Whether it runs again because its own interrupt (`resume_to="self"`) was answered."""
        return self._activation.resume is not None

    @property
    def resume(self) -> Resume | None:
        """The answer that made it run again; None in a first run."""
        resume = self._activation.resume
        return None if resume is None else Resume(**restore_json(resume))

    @property
    def is_cancelled(self) -> bool:
        """Whether the execution was cancelled meanwhile: what this chunk does will be dropped."""
        return self._core.status is Status.CANCELLED

    # -- resources ----------------------------------------------------------------
    def get_resource(self, name: str, default: Any = None) -> Any:
        """A live object that the host was given as `runtime_resources`, or `default`."""
        return self._host.resources.get(name, default)

    def require_resource(self, name: str) -> Any:
        """A live object; raises LookupError that names it when the host has none."""
        if name not in self._host.resources:
            raise LookupError(f"The resource “{name}” was not given to this execution (runtime_resources).")
        return self._host.resources[name]

    # -- state ----------------------------------------------------------------------
    @property
    def state(self) -> StateView:
        """The state by dotted paths: `data.state["order.total"]`, also to set and to delete."""
        return StateView(self)

    def get_state(self, path: str | None = None, default: Any = None) -> Any:
        """A copy of what stands at `path` ("order.total"), of everything without a path, or `default`."""
        if path is None:
            return restore_json(self._state)
        found = get_in(self._state, parse_path(path), MISSING)
        return default if found is MISSING else restore_json(found)

    def set_state(self, path: str, value: Any) -> None:
        """Store JSON at `path`. Raises NotJSON, or StateError where the path leads through a value."""
        self._write("set", set_in, parse_path(path), canonical_json(value))

    def append_state(self, path: str, value: Any) -> None:
        """Add to the list at `path`, made if need be; appends of parallel chunks add up."""
        self._write("append", append_in, parse_path(path), canonical_json(value))

    def del_state(self, path: str) -> None:
        """Remove what stands at `path`, if anything does."""
        self._write("del", del_in, parse_path(path))

    # -- signals --------------------------------------------------------------------
    def emit(self, event: str, value: Any = None) -> None:
        """Start the chains that listen to `event`, once this chunk has returned."""
        check_event(event)
        self.effects.append(("emit", event, canonical_json(value)))

    def set_result(self, value: Any) -> None:
        """Set the execution's result; the last one counts. Raises NotJSON or ContractError."""
        self._contract.check("result", value)
        self.effects.append(("result", canonical_json(value)))

    def put_into_stream(self, item: Any) -> None:
        """Show progress or a part of the output to who follows the run. Raises NotJSON or ContractError."""
        self._contract.check("stream", item)
        tagged = canonical_json(item)
        if self._host.stream is None:
            self.effects.append(("stream", tagged))
        else:
            self._host.stream(restore_json(tagged))

    def pause_for(
        self,
        type: str = "pause",
        payload: Any = None,
        resume_to: str | dict[str, str] | None = None,
        resume_event: str | None = None,
        interrupt_id: str | None = None,
        response_schema: Any = None,
        initial: Any = None,
        policy: dict[str, Any] | None = None,
        due_in: Seconds | None = None,
        expires_in: Seconds | None = None,
        on_expire: Any = None,
        remind_after: Seconds | list[Seconds] | None = None,
        priority: str | None = None,
        undo_seconds: float | None = None,
        max_resumes: int | None = None,
    ) -> Pause:
        """Ask a question and wait for `continue_with`; return what this returns from the chunk.

        `resume_to`: "next" (default: the answer becomes this chunk's output), "self" (this chunk
        runs again, with `data.resume`) or {"event": name} (the event is emitted with the answer;
        `resume_event=name` is the short form). `response_schema` (JSON Schema, Pydantic model or
        dataclass) and `initial` shape the form; `policy` says who may answer: {"users": […],
        "groups": […], "exclude_requester": true}; an approval may also take a "quorum" of distinct
        people, or "stages" [{"name", "users", "groups", "quorum"}, …] that follow each other.

        Lengths of time are seconds or timedeltas, from when the question opens. `due_in`: it is
        overdue then; `remind_after`: when to remind, or a list; `expires_in`: it closes then, and
        `on_expire` says how: with an answer (a value), "cancel" (the execution) or "fail" (this
        chunk, so that a retry asks again). `priority`: low, normal, high or urgent; `undo_seconds`:
        how long an answer can be taken back; `max_resumes`: how often "self" may run this chunk again.

        Raises ValueError for a wrong argument, NotJSON, DuplicateInterrupt for an id that waits
        already, PauseNotAllowed in `flow.start()`, TooManyResumes.
        """
        self._check_host()
        question = Question(
            type=type,
            payload=payload,
            target=resume_target(resume_to, resume_event),
            response_schema=response_schema,
            initial=initial,
            policy=policy,
            due_in=due_in,
            expires_in=expires_in,
            on_expire=on_expire,
            remind_after=remind_after,
            priority=priority,
            undo_seconds=undo_seconds,
            max_resumes=max_resumes,
        )
        return self._ask(question.interrupt(self._interrupt_id(interrupt_id), self._activation))

    # -- the same for those who await -------------------------------------------------
    async def async_get_state(self, path: str | None = None, default: Any = None) -> Any:
        return self.get_state(path, default)

    async def async_set_state(self, path: str, value: Any) -> None:
        self.set_state(path, value)

    async def async_append_state(self, path: str, value: Any) -> None:
        self.append_state(path, value)

    async def async_del_state(self, path: str) -> None:
        self.del_state(path)

    async def async_emit(self, event: str, value: Any = None) -> None:
        self.emit(event, value)

    async def async_set_result(self, value: Any) -> None:
        self.set_result(value)

    async def async_put_into_stream(self, item: Any) -> None:
        self.put_into_stream(item)

    async def async_pause_for(self, *args: Any, **options: Any) -> Pause:
        return self.pause_for(*args, **options)

    # -- inside -------------------------------------------------------------------------
    @property
    def _contract(self) -> Contract:
        return self._definition.contract

    def _write(self, kind: str, change: Callable[..., Any], *arguments: Any) -> None:
        self._state = change(self._state, *arguments)
        self.effects.append((kind, *arguments))

    def _check_host(self) -> None:
        if not self._host.pauses:
            raise PauseNotAllowed(
                f"“{self.chunk_name}” cannot pause in flow.start(), where nobody could answer: "
                "use flow.create_execution() or flow.start_execution()."
            )

    def _ask(self, interrupt: Interrupt) -> Pause:
        most = interrupt.options.get("max_resumes")
        if most is not None and interrupt.resumes >= most:
            raise TooManyResumes(self.chunk_name, most)
        if self._host.check_pause is not None:
            self._host.check_pause(interrupt)
        self.effects.append(("pause", interrupt))
        return Pause(interrupt.id)

    def _interrupt_id(self, wanted: str | None) -> str:
        if wanted is None:
            return new_id()
        if not isinstance(wanted, str) or not canonical_json(wanted):
            raise ValueError(f"interrupt_id is a text that is not empty, not {wanted!r}.")
        asked = {effect[1].id for effect in self.effects if effect[0] == "pause"}
        if wanted in asked or wanted in self._core.interrupts:
            raise DuplicateInterrupt(wanted)
        return wanted
