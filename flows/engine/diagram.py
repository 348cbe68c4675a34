"""A flow as a drawing: the steps that mean something to a reader, and the ways between them.

Joints (branch starts, joins, batch openers) are left out; their ways are drawn through.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flows.engine.definition import Definition, Kind, Step
from flows.engine.signals import STATE

JOINTS = frozenset({Kind.RELAY, Kind.JOIN, Kind.BATCH, Kind.FILL})
CHOICES = frozenset({Kind.CHOICE, Kind.CHOICES})
START, EVENT = "start", "event"
MERMAID_SHAPES = {
    Kind.CHOICE.value: ("{", "}"),
    Kind.CHOICES.value: ("{", "}"),
    Kind.EACH.value: ("[/", "/]"),
    Kind.SUB_FLOW.value: ("[[", "]]"),
    Kind.COLLECT.value: ("([", "])"),
    Kind.ALL.value: ("([", "])"),
    Kind.ANY.value: ("([", "])"),
    Kind.EITHER.value: ("([", "])"),
    START: ("((", "))"),
    EVENT: (">", "]"),
}


@dataclass(frozen=True, slots=True)
class Node:
    """`kind` is a step's, "start" or "event"; `id` the step's id for steps."""

    id: str
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Way:
    """From node to node; `label` says when it is taken, "" for always."""

    source: str
    target: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Diagram:
    nodes: tuple[Node, ...]
    ways: tuple[Way, ...]


def diagram(definition: Definition) -> Diagram:
    """The drawing of a flow, nodes in the order of definition after the start and the events."""
    steps = definition.steps
    nodes = [Node(step.id, step.label, step.kind.value) for step in steps.values() if step.kind not in JOINTS]
    ways = [way for step in steps.values() if step.kind not in JOINTS for way in _ways(definition, step)]
    heads: list[Node] = []
    if definition.starts:
        heads.append(Node("$start", "start", START))
        ways = [*_ways_to(definition, "$start", definition.starts), *ways]
    for event, listening in definition.listeners.items():
        heads.append(Node(f"$event {event}", event.removeprefix(STATE), EVENT))
        ways = [*_ways_to(definition, f"$event {event}", listening), *ways]
    return Diagram((*heads, *nodes), tuple(dict.fromkeys(ways)))


def to_mermaid(definition: Definition) -> str:
    """A Mermaid flowchart (`flowchart TD`), as text."""
    drawn = diagram(definition)
    short = {node.id: f"n{number}" for number, node in enumerate(drawn.nodes)}
    lines = ["flowchart TD"]
    for node in drawn.nodes:
        opening, closing = MERMAID_SHAPES.get(node.kind, ("[", "]"))
        lines.append(f"    {short[node.id]}{opening}{_quoted(node.label)}{closing}")
    for way in drawn.ways:
        label = f"|{_quoted(way.label)}|" if way.label else ""
        lines.append(f"    {short[way.source]} -->{label} {short[way.target]}")
    return "\n".join(lines) + "\n"


def _ways(definition: Definition, step: Step) -> Iterator[Way]:
    """The ways out of one step that is drawn."""
    yield from _ways_to(definition, step.id, step.next)
    for key, head in step.branches if step.kind in CHOICES else ():
        yield from _ways_to(definition, step.id, [head], definition.steps[head].label or key)
    if step.kind in CHOICES and len(step.branches) == len(step.conditions) and step.end:
        yield from _ways_to(definition, step.id, [step.end], "no")


def _ways_to(definition: Definition, source: str, targets: Iterable[str], label: str = "") -> Iterator[Way]:
    """Ways from `source` to each target, or through it where it is a joint."""
    for target in targets:
        step = definition.steps[target]
        if step.kind not in JOINTS:
            yield Way(source, target, label)
            continue
        through = step.label if step.kind is Kind.FILL else label
        beyond = [head for _, head in step.branches] if step.kind is Kind.BATCH else step.next
        yield from _ways_to(definition, source, beyond, through)


def _quoted(text: str) -> str:
    """A label that Mermaid takes as it is."""
    escaped = "".join(c if c.isalnum() or c in " _-.,:" else f"#{ord(c)};" for c in text.replace("\n", " "))
    return f'"{escaped}"'
