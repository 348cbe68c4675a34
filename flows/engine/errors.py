"""Everything the engine raises. `FlowError` is the base; facts are attributes."""

from collections.abc import Iterable

from flows.engine.text import clean

LONGEST_MESSAGE = 2_000  # characters kept of what an author's exception says


class FlowError(Exception):
    """Base of the engine's errors. `message` is one sentence for a person."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)

    def __str__(self) -> str:  # KeyError would show the repr
        return self.message


class DefinitionError(FlowError, ValueError):
    """A mistake in how a flow is built. `flow` and `step` name the place (step may be None)."""

    def __init__(self, flow: str | None, step: str | None, problem: str) -> None:
        self.flow, self.step = flow, step
        where = f"Flow “{flow or 'unnamed'}”" + (f", step “{step}”" if step else "")
        super().__init__(f"{where}: {problem}")


class NotJSON(FlowError, ValueError):
    """A value that canonical JSON cannot carry. `path` leads to it: ("items", 3, "price")."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        self.path: tuple[str | int, ...] = ()
        super().__init__(f"at $: {problem}")

    def under(self, key: str | int) -> "NotJSON":
        """The same error, seen from the container that holds the value at `key`."""
        self.path = (key, *self.path)
        self.message = f"at {show_path(self.path)}: {self.problem}"
        return self


def show_path(path: Iterable[str | int]) -> str:
    """A path as JSONPath writes it: `$.items[3].price`."""
    return "$" + "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path)


class StateError(FlowError, ValueError):
    """A state path that does not fit what is stored, such as "a.b" where a is a number."""


class PauseNotAllowed(FlowError, RuntimeError):
    """`pause_for` where nobody could ever answer."""


class ChunkTimeout(FlowError, TimeoutError):
    """One attempt of a chunk took longer than its `timeout`, in seconds."""

    def __init__(self, chunk: str, seconds: float) -> None:
        self.chunk, self.seconds = chunk, seconds
        super().__init__(f"The chunk “{chunk}” took longer than {seconds:g} seconds.")


class ContractError(FlowError, ValueError):
    """A value that the flow's contract does not allow. `entrance` is initial_input, stream or result,
    `path` leads to the value in question."""

    def __init__(self, entrance: str, path: Iterable[str | int], problem: str) -> None:
        self.entrance, self.path, self.problem = entrance, tuple(path), problem
        super().__init__(f"{entrance.replace('_', ' ')}, at {show_path(self.path)}: {problem}")


class DuplicateInterrupt(FlowError, ValueError):
    """`pause_for` with an id that is waiting already."""

    def __init__(self, interrupt_id: str) -> None:
        self.interrupt_id = interrupt_id
        super().__init__(f"An interrupt with the id “{interrupt_id}” is waiting already in this execution.")


class ChunkEnded(FlowError, RuntimeError):
    """A chunk raised what would have ended its task or its thread, such as CancelledError or SystemExit."""

    def __init__(self, chunk: str, error: BaseException) -> None:
        self.chunk = chunk
        super().__init__(f"The chunk “{chunk}” raised {type(error).__name__}: {text_of(error)}")


class TooManyResumes(FlowError, RuntimeError):
    """`pause_for` once more than its `max_resumes` allows."""

    def __init__(self, chunk: str, max_resumes: int) -> None:
        self.chunk, self.max_resumes = chunk, max_resumes
        super().__init__(f"“{chunk}” was resumed {max_resumes} times, as often as max_resumes allows.")


class InterruptExpired(FlowError, TimeoutError):
    """Nobody answered in time, and the author said that this is a failure."""

    def __init__(self, interrupt_id: str) -> None:
        self.interrupt_id = interrupt_id
        super().__init__(f"Nobody answered “{interrupt_id}” in time.")


class UnknownInterrupt(FlowError, KeyError):
    """No interrupt of that id was ever seen by this execution."""

    def __init__(self, interrupt_id: str) -> None:
        self.interrupt_id = interrupt_id
        super().__init__(f"This execution has no interrupt with the id “{interrupt_id}”.")


class AlreadyResolved(FlowError, ValueError):
    """The interrupt was closed before; `how`, `by` and `at` (ISO 8601, UTC) say in which way."""

    def __init__(self, interrupt_id: str, how: str, by: str | None, at: str) -> None:
        self.interrupt_id, self.how, self.by, self.at = interrupt_id, how, by, at
        super().__init__(f"Interrupt “{interrupt_id}” was {how} by {by or 'code'} at {at}.")


class RequestReused(FlowError, ValueError):
    """One request id, two different values."""

    def __init__(self, request_id: str) -> None:
        self.request_id = request_id
        super().__init__(f"The request id “{request_id}” was used before with another value.")


class PendingInterrupts(FlowError, RuntimeError):
    """`close` while interrupts wait; `interrupt_ids` lists them."""

    def __init__(self, interrupt_ids: Iterable[str]) -> None:
        self.interrupt_ids = tuple(interrupt_ids)
        names = ", ".join(self.interrupt_ids)
        super().__init__(
            f"Cannot close while interrupts wait: {names}. "
            'Resume them, or close with pending_interrupts="cancel".'
        )


class IllegalMove(FlowError, RuntimeError):
    """A call that the execution's present status does not allow."""


class SnapshotMismatch(FlowError, ValueError):
    """A snapshot that this flow cannot load: another flow's, or of an unknown format."""


class NeedsMigration(SnapshotMismatch):
    """Steps that the snapshot waits on are gone from the flow; `missing` names them."""

    def __init__(self, flow: str, missing: Iterable[str]) -> None:
        self.flow, self.missing = flow, tuple(missing)
        names = ", ".join(f"“{step}”" for step in self.missing)
        super().__init__(f"Flow “{flow}” no longer has the open step(s) {names}: needs_migration.")


class RaisedElsewhere(FlowError, RuntimeError):
    """What a chunk raised that ran away from its host: the exception's `type`, text and `traceback`."""

    def __init__(self, type: str, message: str, traceback: str) -> None:
        self.type, self.traceback = type, traceback
        super().__init__(message)


def type_of(error: BaseException) -> str:
    """The name of the exception's type, where it was raised."""
    return error.type if isinstance(error, RaisedElsewhere) else type(error).__name__


def text_of(error: BaseException) -> str:
    """What an author's exception says, fit for canonical JSON; "" when it cannot say it."""
    try:
        return clean(str(error), LONGEST_MESSAGE)
    except BaseException:  # its __str__ is the author's too
        return ""
