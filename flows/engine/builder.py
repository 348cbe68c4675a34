"""The fluent builder. A chain is a cursor: every call returns a new one and leaves the old in
place, so `base.to(a)` and `base.to(b)` fork."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flows.engine.canonical import canonical_json
from flows.engine.chunk import Chunk
from flows.engine.definition import Condition, Kind, Step
from flows.engine.draft import Block, Draft, draft_of
from flows.engine.errors import DefinitionError, NotJSON
from flows.engine.pause import check_event
from flows.engine.signals import STATE
from flows.engine.state import parse_path
from flows.engine.subflows import INTO, OUT_OF, SOURCES_IN, SOURCES_OUT, problem_in

Handler = Chunk | Callable[..., Any] | str
WHEN_MODES = {"and": Kind.ALL, "or": Kind.ANY, "simple_or": Kind.EITHER}
MATCH_MODES = {"hit_first": Kind.CHOICE, "hit_all": Kind.CHOICES}


@dataclass(frozen=True, slots=True)
class Chain:
    """Where the next step of a chain goes. Made by a flow, never by hand.

    `tail` is the last step (None at the head), `key` the id of the chain's first step.
    """

    _draft: Draft
    _events: tuple[str, ...] = ()
    _key: str | None = None
    _tail: str | None = None
    _blocks: tuple[Block, ...] = field(default=())

    # -- steps --------------------------------------------------------------------
    def to(self, handler: Handler | Any) -> Chain:
        """Run a chunk (a function, a chunk or its name) or a flow on what comes; the next step gets what
        it returns."""
        if draft_of(handler) is not None:
            return self.to_sub_flow(handler)
        chunk = self._draft.chunks.find(handler)
        return self._add(Kind.CHUNK, chunk.name, chunk=chunk)

    def to_sub_flow(
        self, flow: Any, capture: dict[str, Any] | None = None, write_back: dict[str, Any] | None = None
    ) -> Chain:
        """Run another flow, with a state of its own; the next step gets its result, or else its state.

        Its interrupts are this execution's. `capture` says what goes in, `write_back` what comes out
        (see `subflows`): {"input": "value.order", "state": {"limit": "state.limit"}}.
        """
        draft = draft_of(flow)
        if draft is None:
            raise self._mistake(f"to_sub_flow() takes a flow, not {flow!r}.")
        self._check_mapping("capture", capture, INTO, SOURCES_IN)
        self._check_mapping("write_back", write_back, OUT_OF, SOURCES_OUT)
        name = draft.flow or "sub_flow"
        return self._add(Kind.SUB_FLOW, name, sub=draft, capture=capture, write_back=write_back)

    def side_branch(self, handler: Handler | Any) -> Chain:
        """Run a chunk beside the chain, which goes on with its own value."""
        self.to(handler)
        return self

    def batch(self, *handlers: Handler, concurrency: int | None = None) -> Chain:
        """Run several chunks on the same value; the next step gets `{name: output}` when all are in."""
        if not handlers:
            raise self._mistake("batch() needs at least one chunk.")
        opener = self._add(Kind.BATCH, "batch", limit=self._checked(concurrency))
        step = opener._step
        step.end = self._draft.put(Step(self._draft.unused_id(f"{step.id}.end"), Kind.JOIN, "all done")).id
        for chunk in map(self._draft.chunks.find, handlers):
            if chunk.name in dict(step.branches):
                raise self._mistake(f"batch() has “{chunk.name}” twice; give one of them another name.")
            id = self._draft.unused_id(f"{step.id}.{chunk.name}")
            self._draft.put(Step(id, Kind.CHUNK, chunk.name, chunk, [step.end]))
            step.branches.append((chunk.name, id))
        return replace(opener, _tail=step.end)

    def collect(self, name: str, branch: str) -> Chain:
        """One named branch of the collection `name`; what follows gets `{branch: value}` once each is in."""
        if not all(isinstance(text, str) and text for text in (name, branch)):
            raise self._mistake(f"collect() takes two names, not {name!r} and {branch!r}.")
        id = f"collect.{name}"
        collect = self._draft.steps.get(id) or self._draft.put(Step(id, Kind.COLLECT, name))
        if collect.kind is not Kind.COLLECT:
            raise self._mistake(f"collect({name!r}) and the chunk “{id}” cannot be told apart; rename one.")
        if branch in dict(collect.branches):
            raise self._mistake(f"collect({name!r}) has the branch “{branch}” twice.")
        fill = self._add(Kind.FILL, branch)
        fill._step.next.append(id)
        collect.branches.append((branch, fill._step.id))
        return replace(self, _key=id, _tail=id)

    # -- loops and choices ------------------------------------------------------------
    def for_each(self, concurrency: int | None = None) -> Chain:
        """Run what follows, up to `.end_for_each()`, once for each item of a list."""
        return self._add(Kind.EACH, "for_each", limit=self._checked(concurrency))._open("end_for_each")

    def end_for_each(self) -> Chain:
        """Collect the items' results, in the order of the list."""
        return self._close("end_for_each", Kind.JOIN)

    def if_condition(self, condition: Handler) -> Chain:
        """Take the branch that follows when `condition(data)` is exactly True."""
        return self._add(Kind.CHOICE, "if")._open("end_condition")._branch(self._function(condition))

    def elif_condition(self, condition: Handler) -> Chain:
        """A further branch, looked at when no earlier condition was True."""
        return self._next_branch("end_condition", self._function(condition))

    def else_condition(self) -> Chain:
        """The branch for when no condition was True."""
        return self._next_branch("end_condition", None)

    def end_condition(self) -> Chain:
        """Close the `if`; the next step gets the value of the branch taken, or what came in."""
        return self._close("end_condition", Kind.RELAY)

    def match(self, mode: str = "hit_first") -> Chain:
        """Choose by cases: the first that hits, or with "hit_all" every one of them."""
        if mode not in MATCH_MODES:
            raise self._mistake(f"match() has the modes {', '.join(MATCH_MODES)}, not {mode!r}.")
        return self._add(MATCH_MODES[mode], "match")._open("end_match")

    def case(self, case: Any) -> Chain:
        """A branch for a value that is equal to `case`, or for which the function `case(data)` is True."""
        if callable(case):
            return self._next_branch("end_match", self._function(case))
        try:
            value = canonical_json(case)
        except NotJSON as error:
            raise self._mistake(f".case() takes JSON or a function: {error}") from None
        return self._next_branch("end_match", Condition(str(case)[:40], None, value))

    def case_else(self) -> Chain:
        """The branch for when no case hits."""
        return self._next_branch("end_match", None)

    def end_match(self) -> Chain:
        """Close the `match`; the next step gets the hit's value, or the list of all hits' with "hit_all";
        without a hit, what came in."""
        block = self._closing("end_match")
        if not block.has_branch:
            raise self._mistake("match() needs a .case() before .end_match().")
        all_hits = self._draft.steps[block.opener].kind is Kind.CHOICES
        return self._close("end_match", Kind.JOIN if all_hits else Kind.RELAY)

    # -- events -----------------------------------------------------------------------
    def when(
        self, event: str | Iterable[str] | Mapping[str, str | Iterable[str]], mode: str = "and"
    ) -> Chain:
        """A new chain that starts on an event, with its value; or on several (a list, or
        {"event": names, "state": paths of the state}).

        Of several, mode "and" waits for each and gives {"event": {name: value}}, "or" gives
        [type, name, value] of whichever comes, "simple_or" its value.
        """
        events = self._events_of(event)
        if mode not in WHEN_MODES:
            raise self._mistake(f"when() has the modes {', '.join(WHEN_MODES)}, not {mode!r}.")
        head = Chain(self._draft, events)
        if isinstance(event, str):
            return head
        return head._add(WHEN_MODES[mode], mode, branches=[(name, "") for name in events])

    def ____(self, note: str = "") -> Chain:
        """A separator for the reader of long chains; does nothing."""
        return self

    # -- how steps are added ------------------------------------------------------------
    @property
    def _step(self) -> Step:
        assert self._tail is not None
        return self._draft.steps[self._tail]

    def _add(self, kind: Kind, name: str, **details: Any) -> Chain:
        block = self._blocks[-1] if self._blocks else None
        if block and block.closer == "end_match" and not block.has_branch:
            raise self._mistake("match() is followed by .case().")
        if self._key is None:
            wanted = f"{'+'.join(self._events)}:{name}" if self._events else name
        else:
            wanted = self._key if name == self._key else f"{self._key}/{name}"
        step = Step(self._draft.unused_id(wanted), kind, name, **details)
        self._draft.add(step, after=self._tail, events=self._events)
        return replace(self, _key=self._key or step.id, _tail=step.id)

    def _open(self, closer: str) -> Chain:
        return replace(self, _blocks=(*self._blocks, Block(self._step.id, closer, self._key)))

    def _closing(self, closer: str) -> Block:
        if not self._blocks or self._blocks[-1].closer != closer:
            raise self._mistake(f".{closer}() has no opener before it.")
        return self._blocks[-1]

    def _close(self, closer: str, kind: Kind) -> Chain:
        block = self._closing(closer)
        if self._draft.steps[block.opener].end is not None:
            raise self._mistake(f".{closer}() of “{block.opener}” comes twice; one of them is never reached.")
        chain = replace(self, _key=block.key)._add(kind, closer)
        self._draft.steps[block.opener].end = chain._step.id
        for tail in block.tails:
            self._draft.steps[tail].next.append(chain._step.id)
        return replace(chain, _blocks=self._blocks[:-1])

    def _next_branch(self, closer: str, condition: Condition | None) -> Chain:
        block = self._closing(closer)
        opener = self._draft.steps[block.opener]
        if opener.end is not None:
            raise self._mistake(f"“{block.opener}” is closed already; put this branch before .{closer}().")
        if len(opener.branches) > len(opener.conditions):
            raise self._mistake("nothing but the end can follow the branch without a condition.")
        if block.has_branch:
            block = replace(block, tails=(*block.tails, self._step.id))
        return replace(self, _blocks=(*self._blocks[:-1], block))._branch(condition)

    def _branch(self, condition: Condition | None) -> Chain:
        block = replace(self._blocks[-1], has_branch=True)
        opener = self._draft.steps[block.opener]
        if condition is not None:
            opener.conditions.append(condition)
        label = "else" if condition is None else condition.label
        id = self._draft.unused_id(f"{opener.id}.{label}")
        self._draft.put(Step(id, Kind.RELAY, label))
        opener.branches.append((id.removeprefix(f"{opener.id}."), id))
        return replace(self, _key=id, _tail=id, _blocks=(*self._blocks[:-1], block))

    def _function(self, handler: Handler) -> Condition:
        chunk = self._draft.chunks.find(handler)
        if chunk.options.run_on is not None:
            raise self._mistake(f"“{chunk.name}” is a condition, which cannot run on {chunk.options.run_on}.")
        return Condition(chunk.name, chunk)

    def _events_of(self, given: Any) -> tuple[str, ...]:
        """Event names, and paths of the state as the events that changes there are."""
        sources = given if isinstance(given, Mapping) else {"event": given}
        if not sources or not sources.keys() <= {"event", "state"}:
            raise self._mistake(f"when() listens to event and state, not {given!r}.")
        prefixes = {"event": "", "state": STATE}
        try:
            named = [(kind, name) for kind, names in sources.items() for name in _listed(names)]
            for kind, name in named:
                (parse_path if kind == "state" else check_event)(name)
        except (TypeError, ValueError) as error:
            raise self._mistake(f"when() takes names of events and paths of the state: {error}") from None
        if not named or len(set(named)) < len(named):
            raise self._mistake(f"when() takes names of events, each once, not {given!r}.")
        return tuple(prefixes[kind] + name for kind, name in named)

    def _check_mapping(self, what: str, mapping: Any, targets: Any, sources: Any) -> None:
        if mapping is not None and (problem := problem_in(mapping, targets, sources)):
            raise self._mistake(f"to_sub_flow: {what} {problem}")

    def _checked(self, concurrency: int | None) -> int | None:
        if concurrency is not None and (type(concurrency) is not int or concurrency < 1):
            raise self._mistake(f"concurrency is a whole number from 1, not {concurrency!r}.")
        return concurrency

    def _mistake(self, problem: str) -> DefinitionError:
        return self._draft.mistake(self._tail, problem)


def _listed(names: Any) -> list[Any]:
    return [names] if isinstance(names, str) else list(names)
