"""The fluent builder. A chain is a cursor: every call returns a new one and leaves the old in
place, so `base.to(a)` and `base.to(b)` fork."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from flows.engine.chunk import Chunk, Chunks
from flows.engine.definition import Definition, Kind, Step
from flows.engine.errors import DefinitionError


class Draft:
    """The graph while it is being built, and the only place that makes step ids.

    An id is the name of the step within its chain, and a chain is known by what starts it:
    `ask`, then `ask/commit`; `Paid:ship`, then `Paid:ship/notify`; a name that comes again gets
    a number (`ask#2`). So neither moved code nor a further branch renames a step.
    """

    def __init__(self, flow: str | None) -> None:
        self.flow = flow
        self.chunks = Chunks(flow)
        self.steps: dict[str, Step] = {}
        self.starts: list[str] = []
        self.listeners: dict[str, list[str]] = {}
        self.frozen: Definition | None = None

    def freeze(self) -> Definition:
        """The definition so far; raises DefinitionError for an opener that was never closed."""
        if self.frozen is None:
            if not self.flow:
                raise DefinitionError(None, None, "a flow needs a name: TriggerFlow(name=…).")
            for step in self.steps.values():
                if step.kind in CLOSED_BY and step.end is None:
                    raise DefinitionError(self.flow, step.id, f"has no .{CLOSED_BY[step.kind]}().")
            self.frozen = Definition.of(self.flow, self.steps, self.starts, self.listeners)
        return self.frozen

    def add(self, step: Step, *, after: str | None, event: str | None) -> None:
        """Put `step` behind `after`, or at the head of a chain: of `event`, or of the start."""
        self.frozen = None
        self.steps[step.id] = step
        if after is not None:
            self.steps[after].next.append(step.id)
        elif event is not None:
            self.listeners.setdefault(event, []).append(step.id)
        else:
            self.starts.append(step.id)

    def unused_id(self, wanted: str) -> str:
        """`wanted`, or `wanted#2`, `wanted#3`, …"""
        number, candidate = 1, wanted
        while candidate in self.steps:
            number += 1
            candidate = f"{wanted}#{number}"
        return candidate


@dataclass(frozen=True, slots=True)
class Block:
    """An opener that is not closed yet, and for an `if` the last steps of its branches so far."""

    opener: str
    kind: Kind
    tails: tuple[str, ...] = ()
    has_else: bool = False


CLOSED_BY = {Kind.EACH: "end_for_each", Kind.IF: "end_condition"}


@dataclass(frozen=True, slots=True)
class Chain:
    """Where the next step of a chain goes. Made by a flow, never by hand.

    `tail` is the last step (None at the head), `key` the id of the chain's first step.
    """

    _draft: Draft
    _event: str | None = None
    _key: str | None = None
    _tail: str | None = None
    _blocks: tuple[Block, ...] = field(default=())

    def to(self, handler: Chunk | Callable[..., Any] | str) -> Chain:
        """Run a chunk (a function, a chunk or its name) on what comes; the next step gets what it returns."""
        chunk = self._draft.chunks.find(handler)
        return self._add(Kind.CHUNK, chunk.name, chunk=chunk)

    def side_branch(self, handler: Chunk | Callable[..., Any] | str) -> Chain:
        """Run a chunk beside the chain, which goes on with its own value."""
        self.to(handler)
        return self

    def batch(self, *handlers: Chunk | Callable[..., Any] | str, concurrency: int | None = None) -> Chain:
        """Run several chunks on the same value; the next step gets `{name: output}` when all are in."""
        if not handlers:
            raise self._mistake("batch() needs at least one chunk.")
        opener = self._add(Kind.BATCH, "batch", limit=self._checked(concurrency))
        step = self._draft.steps[opener._last]
        join = self._draft.unused_id(f"{step.id}.end")
        step.end = join
        for chunk in map(self._draft.chunks.find, handlers):
            if chunk.name in dict(step.branches):
                raise self._mistake(f"batch() has “{chunk.name}” twice; give one of them another name.")
            head = Step(
                self._draft.unused_id(f"{step.id}.{chunk.name}"), Kind.CHUNK, chunk.name, chunk, [join]
            )
            self._draft.steps[head.id] = head
            step.branches.append((chunk.name, head.id))
        self._draft.steps[join] = Step(join, Kind.JOIN, "all done")
        return replace(opener, _tail=join)

    def for_each(self, concurrency: int | None = None) -> Chain:
        """Run what follows, up to `.end_for_each()`, once for each item of a list."""
        chain = self._add(Kind.EACH, "for_each", limit=self._checked(concurrency))
        return chain._open(Block(chain._last, Kind.EACH))

    def end_for_each(self) -> Chain:
        """Collect the items' results, in the order of the list."""
        block = self._closing(Kind.EACH)
        chain = self._add(Kind.JOIN, "end_for_each")
        self._draft.steps[block.opener].end = chain._last
        return replace(chain, _blocks=self._blocks[:-1])

    def if_condition(self, condition: Chunk | Callable[..., Any] | str) -> Chain:
        """Take the branch that follows when `condition(data)` is exactly True."""
        chain = self._add(Kind.IF, "if")
        return chain._open(Block(chain._last, Kind.IF))._branch(condition)

    def elif_condition(self, condition: Chunk | Callable[..., Any] | str) -> Chain:
        """A further branch, looked at when no earlier condition was True."""
        return self._next_branch()._branch(condition)

    def else_condition(self) -> Chain:
        """The branch for when no condition was True."""
        return self._next_branch()._branch(None)

    def end_condition(self) -> Chain:
        """Close the `if`; the next step gets the value of the branch taken, or what came in."""
        block = self._closing(Kind.IF)
        chain = self._add(Kind.RELAY, "end_condition")
        self._draft.steps[block.opener].end = chain._last
        for tail in block.tails:
            self._draft.steps[tail].next.append(chain._last)
        return replace(chain, _blocks=self._blocks[:-1])

    def when(self, event: str) -> Chain:
        """A new chain that starts whenever `event` is emitted, with the event's value."""
        if not isinstance(event, str) or not event:
            raise self._mistake(f"when() takes the name of an event, not {event!r}.")
        return Chain(self._draft, _event=event)

    def ____(self, note: str = "") -> Chain:
        """A separator for the reader of long chains; does nothing."""
        return self

    # -- how steps are added --------------------------------------------------
    @property
    def _last(self) -> str:
        assert self._tail is not None
        return self._tail

    def _add(self, kind: Kind, name: str, *, chunk: Chunk | None = None, limit: int | None = None) -> Chain:
        if self._key is None:
            wanted = f"{self._event}:{name}" if self._event else name
        else:
            wanted = self._key if name == self._key else f"{self._key}/{name}"
        step = Step(self._draft.unused_id(wanted), kind, name, chunk, limit=limit)
        self._draft.add(step, after=self._tail, event=self._event)
        return replace(self, _key=self._key or step.id, _tail=step.id)

    def _open(self, block: Block) -> Chain:
        return replace(self, _blocks=(*self._blocks, block))

    def _closing(self, kind: Kind) -> Block:
        if not self._blocks or self._blocks[-1].kind is not kind:
            raise self._mistake(f".{CLOSED_BY[kind]}() has no opener before it.")
        return self._blocks[-1]

    def _branch(self, condition: Chunk | Callable[..., Any] | str | None) -> Chain:
        opener = self._draft.steps[self._blocks[-1].opener]
        if condition is not None:
            opener.conditions.append(self._draft.chunks.find(condition))
        label = "else" if condition is None else opener.conditions[-1].name
        head = Step(self._draft.unused_id(f"{opener.id}.{label}"), Kind.RELAY, label)
        self._draft.steps[head.id] = head
        opener.branches.append((label, head.id))
        block = replace(self._blocks[-1], has_else=condition is None)
        return replace(self, _tail=head.id, _blocks=(*self._blocks[:-1], block))

    def _next_branch(self) -> Chain:
        block = self._closing(Kind.IF)
        if block.has_else:
            raise self._mistake("no condition can follow .else_condition().")
        block = replace(block, tails=(*block.tails, self._last))
        return replace(self, _blocks=(*self._blocks[:-1], block))

    def _checked(self, concurrency: int | None) -> int | None:
        if concurrency is not None and (type(concurrency) is not int or concurrency < 1):
            raise self._mistake(f"concurrency is a whole number from 1, not {concurrency!r}.")
        return concurrency

    def _mistake(self, problem: str) -> DefinitionError:
        return DefinitionError(self._draft.flow, self._tail, problem)
