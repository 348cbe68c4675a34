"""The graph of a flow while it is being built."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import Any

from flows.engine.chunk import Chunks, is_name
from flows.engine.contract import NO_CONTRACT, Contract
from flows.engine.definition import Definition, Kind, Step
from flows.engine.errors import DefinitionError
from flows.engine.scopes import split_collect

# One for all flows: with one each, two that contain each other could wait for each other.
FREEZING = threading.RLock()
CLOSED_BY = {Kind.EACH: "end_for_each", Kind.CHOICE: "end_condition", Kind.CHOICES: "end_match"}


@dataclass(frozen=True, slots=True)
class Block:
    """An opener that is not closed yet, and how: `key` is that of the chain around it, `tails` are the
    last steps of its finished branches."""

    opener: str
    closer: str
    key: str | None
    tails: tuple[str, ...] = ()
    has_branch: bool = False


class Draft:
    """Steps, and the only place that makes step ids.

    An id is the name of the step within its chain, and a chain is known by what starts it:
    `ask`, then `ask/commit`; `Paid:ship`, then `Paid:ship/notify`; inside a choice by the branch:
    `match.small/ask`; a name that comes again gets a number (`ask#2`). So neither moved code nor a
    further branch renames a step.
    """

    def __init__(self, flow: str | None) -> None:
        self.flow = flow
        self.chunks = Chunks(flow)
        self.steps: dict[str, Step] = {}
        self.starts: list[str] = []
        self.listeners: dict[str, list[str]] = {}
        self.contract = NO_CONTRACT
        self._frozen: Definition | None = None
        self._freezing = False

    def freeze(self) -> Definition:
        """The definition so far, in any thread; raises DefinitionError for what is not finished."""
        with FREEZING:
            return self._freeze()

    def _freeze(self) -> Definition:
        if self._freezing:
            raise self.mistake(None, "contains itself as a sub flow.")
        self._freezing = True
        try:
            if self._frozen is None or self._has_changed(self._frozen):
                self._check()
                frozen = Definition.of(str(self.flow), self.steps, self.starts, self.listeners)
                self._check_joins(frozen)
                self._frozen = replace(frozen, contract=self.contract)
        finally:
            self._freezing = False
        return self._frozen

    def promise(self, contract: Contract) -> None:
        """Set what the flow takes and gives."""
        self._frozen, self.contract = None, contract

    def replace_graph(self, other: Draft) -> None:
        """Take over another draft's steps and chains."""
        self._frozen, self.flow = None, other.flow
        self.steps, self.starts, self.listeners = other.steps, other.starts, other.listeners

    def add(self, step: Step, *, after: str | None, events: tuple[str, ...]) -> None:
        """Put `step` behind `after`, or at the head of a chain: of events, or of the start."""
        self.put(step)
        if after is not None:
            self.steps[after].next.append(step.id)
        for event in () if after is not None else events:
            self.listeners.setdefault(event, []).append(step.id)
        if after is None and not events:
            self.starts.append(step.id)

    def put(self, step: Step) -> Step:
        """A step that others point to."""
        self._frozen = None
        self.steps[step.id] = step
        return step

    def unused_id(self, wanted: str) -> str:
        """`wanted`, or `wanted#2`, `wanted#3`, …"""
        number, candidate = 1, wanted
        while candidate in self.steps:
            number += 1
            candidate = f"{wanted}#{number}"
        return candidate

    def mistake(self, step: str | None, problem: str) -> DefinitionError:
        return DefinitionError(self.flow, step, problem)

    def _has_changed(self, frozen: Definition) -> bool:
        """Whether a sub flow was built on since its definition was taken."""
        subs = [step for step in self.steps.values() if step.sub is not None]
        return any(frozen.steps[step.id].sub is not step.sub.freeze() for step in subs)

    def _check(self) -> None:
        if not is_name(self.flow):
            raise self.mistake(None, "a flow needs a name, a text: TriggerFlow(name=…).")
        for step in self.steps.values():
            if step.kind in CLOSED_BY and step.end is None:
                raise self.mistake(step.id, f"has no .{self.closer(step)}().")

    def _check_joins(self, frozen: Definition) -> None:
        if collect := split_collect(frozen.steps, frozen.scopes):
            problem = "is never full: its branches must all stand in the same loop or choice, or in none."
            raise self.mistake(collect, problem)

    @staticmethod
    def closer(step: Step) -> str:
        """The call that closes this opener."""
        return "end_match" if step.label == "match" else CLOSED_BY[step.kind]


def draft_of(handler: Any) -> Draft | None:
    """The draft of a flow that was given where a chunk could stand."""
    draft = getattr(handler, "draft", None)
    return draft if isinstance(draft, Draft) else None
