"""The graph of a flow, frozen. It holds structure and functions, and no run of anything."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from flows.engine.chunk import Chunk


class Kind(StrEnum):
    """What a step does with a signal; `routing` has one function for each."""

    CHUNK = "chunk"
    BATCH = "batch"  # sends its value down every branch
    EACH = "for_each"  # sends each item down the chain that follows
    JOIN = "join"  # collects what a batch or a for_each sent out
    IF = "if"  # sends its value down the first branch whose condition is True
    RELAY = "relay"  # the start and the end of a branch: hands its value on


@dataclass(slots=True)
class Step:
    """One place in the graph.

    `next` are the steps that receive the output. An opener (batch, for_each, if) has `branches`
    (key and first step of each) and `end`, the step that closes it; `limit` caps how many
    branches run at once. Only a draft changes steps; a definition has copies of its own.
    """

    id: str
    kind: Kind
    label: str
    chunk: Chunk | None = None
    next: list[str] = field(default_factory=list)
    branches: list[tuple[str, str]] = field(default_factory=list)
    conditions: list[Chunk] = field(default_factory=list)
    end: str | None = None
    limit: int | None = None

    def copy(self) -> "Step":
        return replace(
            self, next=list(self.next), branches=list(self.branches), conditions=list(self.conditions)
        )

    def shape(self) -> list[object]:
        """Everything that `Definition.hash` covers: structure, and no code."""
        return [
            self.id,
            self.kind,
            self.next,
            self.branches,
            [c.name for c in self.conditions],
            self.end,
            self.limit,
        ]


@dataclass(frozen=True, slots=True)
class Definition:
    """`steps` in the order of definition; `starts` receive the input, `listeners` an event's value."""

    flow: str
    steps: Mapping[str, Step]
    starts: tuple[str, ...]
    listeners: Mapping[str, tuple[str, ...]]
    hash: str

    @classmethod
    def of(
        cls, flow: str, steps: Mapping[str, Step], starts: list[str], listeners: Mapping[str, list[str]]
    ) -> "Definition":
        shape = [[step.shape() for step in steps.values()], starts, listeners]
        digest = hashlib.sha256(json.dumps(shape).encode()).hexdigest()
        frozen = {event: tuple(heads) for event, heads in listeners.items()}
        return cls(flow, {step.id: step.copy() for step in steps.values()}, tuple(starts), frozen, digest)
