"""A chunk: one function of a flow, with the name it is known by."""

from collections.abc import Callable
from typing import Any

from flows.engine.errors import DefinitionError

ANONYMOUS = "<lambda>"


class Chunk:
    """A named function, sync or async, that takes `data: TriggerFlowRuntimeData`. Call it like one."""

    __slots__ = ("function", "name")

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        self.function, self.name = function, name

    def __call__(self, data: Any) -> Any:
        return self.function(data)

    def __repr__(self) -> str:
        return f"<chunk {self.name}>"


class Chunks:
    """The chunks of one flow by name; the same name always means the same function."""

    def __init__(self, flow: str | None) -> None:
        self._flow = flow
        self._by_name: dict[str, Chunk] = {}

    def named(self, function: Callable[..., Any], name: str | None = None) -> Chunk:
        """Register `function`; raises DefinitionError when the name belongs to another one."""
        label = name or getattr(function, "__name__", None) or type(function).__name__
        if label == ANONYMOUS:
            raise DefinitionError(
                self._flow, None, 'a lambda needs a name: flow.chunk("name")(lambda data: …)'
            )
        known = self._by_name.get(label)
        if known is not None and known.function is not function:
            raise DefinitionError(
                self._flow, label, "two different functions have this name; rename one of them."
            )
        return known or self._by_name.setdefault(label, Chunk(function, label))

    def find(self, handler: Any) -> Chunk:
        """The chunk that a builder was given: a chunk, a function or a registered name."""
        if isinstance(handler, str):
            if handler not in self._by_name:
                known = ", ".join(sorted(self._by_name)) or "none"
                raise DefinitionError(self._flow, handler, f"no chunk has this name. Known chunks: {known}.")
            return self._by_name[handler]
        if isinstance(handler, Chunk):
            return self.named(handler.function, handler.name)
        if callable(handler):
            return self.named(handler)
        raise DefinitionError(self._flow, None, f"{handler!r} is neither a chunk, a function nor a name.")
