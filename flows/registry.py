"""The flows that can be run durably, by name. Filled by `<app>/flows.py` of every installed app."""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flows.engine import Definition, TriggerFlow, Validator, json_schema
from flows.engine.chunk import QUEUE_RULE, is_queue, is_seconds
from flows.engine.errors import FlowError
from flows.engine.pump import check_concurrency


class UnknownFlow(FlowError, KeyError):
    """No flow of that name is registered; `known` lists those that are."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name, self.known = name, tuple(known)
        there = ", ".join(self.known) or "none"
        super().__init__(f"There is no flow named “{name}”. Registered flows: {there}.")


class BadValidator(FlowError, ValueError):
    """A validator for a step that is not there, or one that cannot judge."""


class AlreadyRegistered(FlowError, ValueError):
    """Two flows under one name."""


Fields = Mapping[str, str | tuple[str, str]]  # {path: label} or {path: (label, kind)}
FIELD_KINDS = ("text", "number", "date", "boolean")


@dataclass(frozen=True, slots=True)
class Field:
    """A value in a flow's payloads that lists may be filtered by and show as a column.

    `path` is one or two names with a dot between them, or "facts." and the label of a fact.
    """

    path: str
    label: str
    kind: str = "text"

    @property
    def names(self) -> tuple[str, ...]:
        """The path's names; what follows "facts." is one label, whatever it holds."""
        return tuple(self.path.split(".", 1))


@dataclass(frozen=True, slots=True)
class Registration:
    """A flow as the catalogue shows it. `input_schema` is JSON Schema 2020-12, or None for free JSON;
    `validators` are by the id of the step that asks."""

    flow: TriggerFlow
    name: str
    title: str
    description: str
    input_schema: dict[str, Any] | None
    start_groups: tuple[str, ...]
    auto_close_timeout: float | None = 0.0
    concurrency: int | None = None
    skip_exceptions: bool = False
    queue: str = "default"
    validators: Mapping[str, Validator | type] = field(default_factory=dict)
    fields: tuple[Field, ...] = ()


_registrations: dict[str, Registration] = {}


def register(
    flow: TriggerFlow,
    *,
    title: str | None = None,
    description: str = "",
    input_schema: Mapping[str, Any] | type | None = None,
    start_groups: Iterable[str] = (),
    auto_close_timeout: float | None = 0.0,
    concurrency: int | None = None,
    skip_exceptions: bool = False,
    queue: str = "default",
    validators: Mapping[str, Validator | type] | None = None,
    fields: Fields | None = None,
) -> TriggerFlow:
    """Offer `flow` to the durable runtime and the catalogue, and return it.

    `input_schema` is JSON Schema, a Pydantic model or a dataclass; `start_groups` names the
    groups whose members may start it (empty: everybody who is signed in). `auto_close_timeout`: seconds
    for which an execution with nothing to do still takes events before it completes (None: until it is
    cancelled); `concurrency`: how many chunks of one execution run at once (None: no limit);
    `skip_exceptions`: a chunk that raises ends its branch, and the rest goes on; `queue`: only workers that
    serve it run this flow's chunks, but for those with a queue of their own; `validators`: by the name of
    the chunk that asks, or its step, a function or a Pydantic model that judges each answer before it is
    accepted (docs/how-to/write-a-flow.md); `fields` are the values in its payloads that the inbox can be
    filtered by, in the order of their columns: {path: label} or {path: (label, kind)}, see Field; a kind is
    one of FIELD_KINDS.
    Raises ValueError for a number, a queue or a field that makes no sense, AlreadyRegistered for a second
    flow of that name, BadValidator for a validator that no step has or that cannot judge, DefinitionError for
    a bad graph or a flow without a name.
    """
    if auto_close_timeout is not None and not is_seconds(auto_close_timeout):
        raise ValueError(f"auto_close_timeout is a number of seconds, or None, not {auto_close_timeout!r}.")
    check_concurrency(concurrency)
    if not is_queue(queue):
        raise ValueError(f"queue is {QUEUE_RULE}, not {queue!r}.")
    name = flow.definition.flow
    known = _registrations.get(name)
    if known is not None and known.flow is not flow:
        raise AlreadyRegistered(f"Two flows are named “{name}”: give one of them another name.")
    _registrations[name] = Registration(
        flow=flow,
        name=name,
        title=title or name.replace("_", " ").capitalize(),
        description=description,
        input_schema=json_schema(input_schema),
        start_groups=tuple(start_groups),
        auto_close_timeout=auto_close_timeout,
        concurrency=concurrency,
        skip_exceptions=skip_exceptions,
        queue=queue,
        validators=_by_step(flow.definition, validators or {}),
        fields=tuple(_field(path, said) for path, said in (fields or {}).items()),
    )
    return flow


def validator_of(flow: str, step: str) -> Validator | type | None:
    """What judges the answers to the questions of this step; None without one, or without the flow."""
    found = _registrations.get(flow)
    return found.validators.get(step) if found else None


def _field(path: str, said: str | tuple[str, str]) -> Field:
    label, kind = (said, "text") if isinstance(said, str) else said
    field = Field(path, label, kind)
    depth = 2 if path.startswith("facts.") else len(path.split("."))
    if "" in field.names or not 1 <= depth <= 2 or kind not in FIELD_KINDS:
        raise ValueError(
            f"A field is one or two names, or “facts.” and a label, with a kind of {', '.join(FIELD_KINDS)}; "
            f"not {path!r} of kind {kind!r}."
        )
    return field


def get(name: str) -> Registration:
    """The registration of that name; raises UnknownFlow."""
    try:
        return _registrations[name]
    except KeyError:
        raise UnknownFlow(name, sorted(_registrations)) from None


def all() -> list[Registration]:
    """Every registration, by title."""
    return sorted(_registrations.values(), key=lambda r: r.title.lower())


def _by_step(definition: Definition, given: Mapping[str, Validator | type]) -> dict[str, Validator | type]:
    """The validators by step id, where they were given by step or by chunk."""
    names = dict(_asking(definition))
    for name, validator in given.items():
        if name not in names and name not in names.values():
            known = ", ".join(sorted({*names, *names.values()}))
            raise BadValidator(f"There is no step “{name}” to validate in “{definition.flow}”: {known}.")
        if not _can_judge(validator):
            raise BadValidator(f"What validates “{name}” is a plain function or a Pydantic model.")
    by_chunk = {step: given[chunk] for step, chunk in names.items() if chunk in given}
    return by_chunk | {step: given[step] for step in names if step in given}


def _asking(definition: Definition) -> Iterator[tuple[str, str]]:
    """(step, chunk) of everything that could ask, in sub flows too."""
    for step in definition.steps.values():
        if step.chunk:
            yield step.id, step.chunk.name
        if step.sub:
            yield from _asking(step.sub)


def _can_judge(validator: Any) -> bool:
    if isinstance(validator, type):
        return hasattr(validator, "model_validate")
    return callable(validator) and not inspect.iscoroutinefunction(validator)
