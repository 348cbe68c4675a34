"""The graph of a flow, frozen. It holds structure and functions, and no run of anything."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from flows.engine.chunk import NO_OPTIONS, Chunk, Options
from flows.engine.contract import NO_CONTRACT, Contract
from flows.engine.paths import Paths, paths_of
from flows.engine.scopes import Scopes, scopes_of


class Kind(StrEnum):
    """What a step does with a signal; `routing` has one function for each."""

    CHUNK = "chunk"
    SUB_FLOW = "sub_flow"  # runs another flow, in a frame of its own
    BATCH = "batch"  # sends its value down every branch
    EACH = "for_each"  # sends each item down the chain that follows
    CHOICE = "choice"  # sends its value down the first branch that hits
    CHOICES = "choices"  # sends its value down every branch that hits
    JOIN = "join"  # collects what a batch, for_each or choices sent out
    RELAY = "relay"  # the start and the end of a branch: hands its value on
    FILL = "fill"  # one branch of a collect
    COLLECT = "collect"  # hands on once each of its branches is filled
    ALL = "all"  # hands on once each of several events has come
    ANY = "any"  # hands on whichever of several events comes, with its type and name
    EITHER = "either"  # hands on the value of whichever of several events comes


@dataclass(frozen=True, slots=True)
class Condition:
    """When a branch hits: `chunk` returns exactly True, or without one, the value is equal to `value`."""

    label: str
    chunk: Chunk | None = None
    value: Any = None


@dataclass(slots=True)
class Step:
    """One place in the graph.

    `next` are the steps that receive the output. An opener (batch, for_each, a choice) has `branches`
    (key and first step of each) and `end`, the step that closes it; the first branches of a choice
    belong to its `conditions`, one more is its else. `limit` caps how many branches run at once.
    A collect's `branches` are its names. Only a draft changes steps; a definition has copies.
    """

    id: str
    kind: Kind
    label: str
    chunk: Chunk | None = None
    next: list[str] = field(default_factory=list)
    branches: list[tuple[str, str]] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    end: str | None = None
    limit: int | None = None
    sub: Any = None  # a Definition; in a draft what it is made from
    capture: dict[str, Any] | None = None
    write_back: dict[str, Any] | None = None

    @property
    def options(self) -> Options:
        """How its chunk is run; a choice is tried as often as the most patient of its conditions."""
        chunks = [self.chunk, *(condition.chunk for condition in self.conditions)]
        return max((c.options for c in chunks if c), key=lambda given: given.retries, default=NO_OPTIONS)

    @property
    def run_on(self) -> str | None:
        """Where the durable runtime sends its chunk; None: its own workers."""
        return self.chunk.options.run_on if self.chunk else None

    @property
    def queue(self) -> str | None:
        """Where its chunk is to be run; a choice goes where the first of its conditions says so."""
        chunks = [self.chunk, *(condition.chunk for condition in self.conditions)]
        return next((c.options.queue for c in chunks if c and c.options.queue), None)

    def frozen(self) -> Step:
        """A copy that the draft no longer touches, with the sub flow's definition of this moment."""
        return replace(
            self,
            next=list(self.next),
            branches=list(self.branches),
            conditions=list(self.conditions),
            sub=self.sub and self.sub.freeze(),
        )

    def shape(self) -> list[Any]:
        """Everything that `Definition.hash` covers: structure, and no code."""
        conditions = [[condition.label, condition.value] for condition in self.conditions]
        sub = [self.sub.hash, self.capture, self.write_back] if self.sub else None
        return [self.id, self.kind, self.next, self.branches, conditions, self.end, self.limit, sub]


@dataclass(frozen=True, slots=True)
class Definition:
    """`steps` in the order of definition; `starts` receive the input, `listeners` an event's value.

    A change of the state at a path is the event "$state.<path>". `scopes` has, for each step, what
    opened the joins around it, `paths` how it is reached.
    """

    flow: str
    steps: Mapping[str, Step]
    starts: tuple[str, ...]
    listeners: Mapping[str, tuple[str, ...]]
    hash: str
    scopes: Scopes
    paths: Paths
    sends_away: bool  # whether a chunk in it, or in a flow in it, runs elsewhere
    contract: Contract = NO_CONTRACT

    @classmethod
    def of(
        cls, flow: str, steps: Mapping[str, Step], starts: list[str], listeners: Mapping[str, list[str]]
    ) -> Definition:
        frozen = {step.id: step.frozen() for step in steps.values()}
        shape = [[step.shape() for step in frozen.values()], starts, listeners]
        digest = hashlib.sha256(json.dumps(shape).encode()).hexdigest()
        listening = {event: tuple(ids) for event, ids in listeners.items()}
        heads = [*starts, *(id for ids in listening.values() for id in ids)]
        scopes, paths = scopes_of(frozen, heads), paths_of(frozen, heads)
        away = any(step.run_on or (step.sub and step.sub.sends_away) for step in frozen.values())
        return cls(flow, frozen, tuple(starts), listening, digest, scopes, paths, away)
