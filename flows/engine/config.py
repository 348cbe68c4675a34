"""A flow's graph as data, and back. Chunks are named, not written out: the flow that loads a graph
must have registered them (`@flow.chunk("name")`)."""

from __future__ import annotations

import importlib
import importlib.util
import json
from typing import Any

from flows.engine.canonical import canonical_json, restore_json
from flows.engine.definition import Condition, Definition, Kind, Step
from flows.engine.draft import Draft
from flows.engine.errors import DefinitionError, FlowError
from flows.engine.paths import cycle_in
from flows.engine.subflows import INTO, OUT_OF, SOURCES_IN, SOURCES_OUT, problem_in

FORMAT = 1


class YAMLMissing(FlowError, RuntimeError):
    """PyYAML is not installed."""


# -- out --------------------------------------------------------------------------------------
def flow_config(definition: Definition) -> dict[str, Any]:
    """{"format", "name", "steps", "starts", "listeners"}, all JSON."""
    return {
        "format": FORMAT,
        "name": definition.flow,
        "steps": [_step_config(step) for step in definition.steps.values()],
        "starts": list(definition.starts),
        "listeners": {event: list(steps) for event, steps in definition.listeners.items()},
    }


def _step_config(step: Step) -> dict[str, Any]:
    """Only what is not empty."""
    data = {
        "id": step.id,
        "kind": step.kind.value,
        "label": step.label,
        "chunk": step.chunk and step.chunk.name,
        "next": list(step.next),
        "branches": [list(branch) for branch in step.branches],
        "conditions": [_condition_config(condition) for condition in step.conditions],
        "end": step.end,
        "limit": step.limit,
        "sub_flow": step.sub and flow_config(step.sub),
        "capture": step.capture,
        "write_back": step.write_back,
    }
    return {key: value for key, value in data.items() if value not in (None, [])}


def _condition_config(condition: Condition) -> dict[str, Any]:
    if condition.chunk is None:
        return {"label": condition.label, "value": condition.value}
    return {"label": condition.label, "chunk": condition.chunk.name}


# -- in ---------------------------------------------------------------------------------------
def load_config(draft: Draft, config: Any) -> None:
    """Replace the graph of `draft` by the one that `flow_config` wrote.

    Raises DefinitionError for a chunk that is not registered, a step that does not exist and
    anything else that makes no graph; then nothing has been changed.
    """
    loaded = Draft(draft.flow or _text(draft, config, "name"))
    loaded.chunks = draft.chunks
    try:
        for data in config["steps"]:
            step = _step(loaded, data)
            if step.id in loaded.steps:
                raise draft.mistake(step.id, "is there twice.")
            loaded.put(step)
        loaded.starts = list(config["starts"])
        loaded.listeners = {event: list(steps) for event, steps in config["listeners"].items()}
        _check_references(loaded)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, DefinitionError):
            raise
        raise draft.mistake(None, f"the configuration is damaged: {error!r}.") from None
    draft.replace_graph(loaded)


def _step(draft: Draft, data: dict[str, Any]) -> Step:
    return Step(
        id=_text(draft, data, "id"),
        kind=Kind(data["kind"]),
        label=_text(draft, data, "label"),
        chunk=draft.chunks.find(data["chunk"]) if "chunk" in data else None,
        next=list(data.get("next", [])),
        branches=[(key, head) for key, head in data.get("branches", [])],
        conditions=[_condition(draft, condition) for condition in data.get("conditions", [])],
        end=data.get("end"),
        limit=data.get("limit"),
        sub=_sub_flow(draft, data["sub_flow"]) if "sub_flow" in data else None,
        capture=data.get("capture"),
        write_back=data.get("write_back"),
    )


def _condition(draft: Draft, data: dict[str, Any]) -> Condition:
    if "chunk" in data:
        return Condition(data["label"], draft.chunks.find(data["chunk"]))
    return Condition(data["label"], None, canonical_json(restore_json(data["value"])))


def _sub_flow(draft: Draft, config: dict[str, Any]) -> Draft:
    """A sub flow's graph; its chunks are looked for among those of the flow around it."""
    sub = Draft(_text(draft, config, "name"))
    sub.chunks = draft.chunks
    load_config(sub, config)
    return sub


def _check_references(draft: Draft) -> None:
    for step in draft.steps.values():
        heads = [head for _, head in step.branches if head]
        for target in [*step.next, *heads, *([step.end] if step.end else [])]:
            if target not in draft.steps:
                raise draft.mistake(step.id, f"leads to “{target}”, which does not exist.")
        if problem := _problem_of(draft, step):
            raise draft.mistake(step.id, problem)
    for target in [*draft.starts, *(step for steps in draft.listeners.values() for step in steps)]:
        if target not in draft.steps:
            raise draft.mistake(target, "does not exist, but a chain starts there.")
    if step_id := cycle_in(draft.steps):
        raise draft.mistake(step_id, "leads back to itself; a loop goes through an event.")


def _problem_of(draft: Draft, step: Step) -> str | None:
    """What is wrong with a step by itself, where all that it leads to exists."""
    if (step.kind is Kind.CHUNK) != (step.chunk is not None):
        return f"of the kind {step.kind} has the chunk {step.chunk!r}."
    if (step.kind is Kind.SUB_FLOW) != (step.sub is not None):
        return f"of the kind {step.kind} has the sub flow {step.sub!r}."
    if step.end is not None and draft.steps[step.end].kind not in (Kind.JOIN, Kind.RELAY):
        return f"ends at “{step.end}”, which is no end."
    if step.limit is not None and (type(step.limit) is not int or step.limit < 1):
        return f"has the limit {step.limit!r}; it is a whole number from 1."
    for mapping, targets, sources in (
        (step.capture, INTO, SOURCES_IN),
        (step.write_back, OUT_OF, SOURCES_OUT),
    ):
        if mapping is not None and (problem := problem_in(mapping, targets, sources)):
            return problem
    return None


def _text(draft: Draft, data: Any, key: str) -> str:
    value = data.get(key) if isinstance(data, dict) else None
    if not isinstance(value, str) or not value:
        raise draft.mistake(None, f"the configuration lacks a text “{key}”.")
    return value


# -- JSON and YAML ------------------------------------------------------------------------------
def to_json(config: dict[str, Any]) -> str:
    return json.dumps(config, indent=2, ensure_ascii=False) + "\n"


def to_yaml(config: dict[str, Any]) -> str:
    text: str = _yaml().safe_dump(config, sort_keys=False, allow_unicode=True)
    return text


def from_yaml(text: str) -> Any:
    return _yaml().safe_load(text)


def _yaml() -> Any:
    if importlib.util.find_spec("yaml") is None:
        raise YAMLMissing("YAML needs PyYAML: pip install pyyaml, or use the JSON form.")
    return importlib.import_module("yaml")
