"""A chunk: one function of a flow, with the name it is known by."""

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flows.engine.canonical import canonical_json
from flows.engine.errors import DefinitionError, NotJSON

ANONYMOUS = "<lambda>"
FLEETS = ("celery",)
MAX_QUEUE = 64  # characters of a queue's name


@dataclass(frozen=True, slots=True)
class Options:
    """How a chunk is run: `retries` more attempts when it raises, the first after `retry_delay` seconds,
    each further one after `retry_backoff` times as long; `timeout` seconds for one attempt, None for no
    limit; `run_on` is one of FLEETS where the durable runtime sends it there, None to run it in a worker;
    `queue`: which workers run it in the durable runtime, None for those of its flow. A fleet has queues of
    its own, so that nobody gives both."""

    retries: int = 0
    retry_delay: float = 0.0
    retry_backoff: float = 2.0
    timeout: float | None = None
    run_on: str | None = None
    queue: str | None = None

    def problem(self) -> str | None:
        """What is wrong with them, or None."""
        if type(self.retries) is not int or self.retries < 0:
            return f"retries is a whole number from 0, not {self.retries!r}."
        if not is_seconds(self.retry_delay):
            return f"retry_delay is a number of seconds, not {self.retry_delay!r}."
        if not is_seconds(self.retry_backoff) or not 1 <= self.retry_backoff <= 100:
            return f"retry_backoff is a number from 1 to 100, not {self.retry_backoff!r}."
        if self.timeout is not None and not (is_seconds(self.timeout) and self.timeout > 0):
            return f"timeout is a number of seconds above 0, or None, not {self.timeout!r}."
        if self.run_on is not None and self.run_on not in FLEETS:
            return f"run_on is {' or '.join(map(repr, FLEETS))}, or None, not {self.run_on!r}."
        if self.run_on is not None and self.queue is not None:
            return f"queue={self.queue!r} names flows workers, and run_on={self.run_on!r} runs it elsewhere."
        if self.queue is not None and not is_queue(self.queue):
            return f"queue is {QUEUE_RULE}, or None, not {self.queue!r}."
        return None


NO_OPTIONS = Options()
QUEUE_RULE = f"a name of 1 to {MAX_QUEUE} printable characters without commas and outer spaces"


def is_name(text: Any) -> bool:
    """Whether `text` can name a flow or a chunk: not empty, and kept by canonical JSON."""
    try:
        return isinstance(text, str) and bool(canonical_json(text))
    except NotJSON:
        return False


def is_queue(text: Any) -> bool:
    """Whether `text` can name a queue, also in a list of names (see QUEUE_RULE)."""
    fits = is_name(text) and len(text) <= MAX_QUEUE
    return fits and text.isprintable() and "," not in text and text == text.strip()


def is_seconds(value: Any) -> bool:
    """Whether it is a finite number from 0."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf


class Chunk:
    """A named function, sync or async, that takes `data: TriggerFlowRuntimeData`. Call it like one."""

    __slots__ = ("function", "name", "options")

    def __init__(self, function: Callable[..., Any], name: str, options: Options | None = None) -> None:
        self.function, self.name, self.options = function, name, options or NO_OPTIONS

    def __call__(self, data: Any) -> Any:
        return self.function(data)

    def __repr__(self) -> str:
        return f"<chunk {self.name}>"


class Chunks:
    """The chunks of one flow by name; the same name always means the same function."""

    def __init__(self, flow: str | None) -> None:
        self._flow = flow
        self._by_name: dict[str, Chunk] = {}

    def named(
        self, function: Callable[..., Any], name: str | None = None, options: Options | None = None
    ) -> Chunk:
        """Register `function`; raises DefinitionError when the name belongs to another one."""
        if not callable(function):
            raise DefinitionError(self._flow, name, f"{function!r} is not a function.")
        if options is not None and (problem := options.problem()):
            raise DefinitionError(self._flow, name, problem)
        label = getattr(function, "__name__", type(function).__name__) if name is None else name
        if label == ANONYMOUS:
            raise DefinitionError(
                self._flow, None, 'a lambda needs a name: flow.chunk("name")(lambda data: …)'
            )
        self._check(label, function)
        known = self._by_name.get(label)
        if known is not None and known.function != function:
            raise DefinitionError(
                self._flow, label, "two different functions have this name; rename one of them."
            )
        if known is not None and options is not None and known.options != options:
            raise DefinitionError(self._flow, label, f"has two sorts of options: {known.options}, {options}.")
        return known or self._by_name.setdefault(label, Chunk(function, label, options))

    def _check(self, label: Any, function: Callable[..., Any]) -> None:
        if not is_name(label):
            raise DefinitionError(self._flow, None, f"a chunk's name is a text, not {label!r}.")
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            problem = "yields; a chunk returns one value. Use data.put_into_stream() for more."
            raise DefinitionError(self._flow, label, problem)

    def find(self, handler: Any) -> Chunk:
        """The chunk that a builder was given: a chunk, a function or a registered name."""
        if isinstance(handler, str):
            if handler not in self._by_name:
                known = ", ".join(sorted(self._by_name)) or "none"
                raise DefinitionError(self._flow, handler, f"no chunk has this name. Known chunks: {known}.")
            return self._by_name[handler]
        if isinstance(handler, Chunk):
            return self.named(handler.function, handler.name, handler.options)
        if callable(handler):
            return self.named(handler)
        raise DefinitionError(self._flow, None, f"{handler!r} is neither a chunk, a function nor a name.")
