"""Why an execution is set aside as failed: a reason that a person can read and act on."""

import traceback
from typing import Any

from flows import conf, engine, registry
from flows.engine.text import clean
from flows.store.queue import Claim

WORKER_LOST = "WorkerLost"
SUSPECT_CLAIMS = 3  # claimed so often without progress, an execution may be what kills its workers
MAX_MESSAGE = 2_000
MAX_TRACEBACK = 20_000
# What a snapshot that is damaged, or written by something else, can raise when it is read.
Unreadable = (engine.FlowError, ValueError, KeyError, TypeError, AttributeError, IndexError)


class Parked(Exception):
    """This execution cannot be run here and now; `type` and the message tell its readers why."""

    def __init__(self, type: str, message: str) -> None:
        self.type = type
        super().__init__(message)

    @property
    def error(self) -> dict[str, Any]:
        """As `Execution.error`."""
        return {"step": None, "type": self.type, "message": clean(str(self), MAX_MESSAGE), "traceback": ""}


def poisonous(claim: Claim) -> bool:
    """Whether it was claimed too often without any progress: what it runs seems to kill its worker."""
    return bool(claim.claims > conf.get("FLOWS_MAX_CLAIMS"))


def suspicious(claim: Claim) -> bool:
    """Whether it is to run apart from others like it, so that one that kills its worker is found out."""
    return claim.claims >= SUSPECT_CLAIMS and not poisonous(claim)


def suspect_counts() -> range:
    """How often one that is suspicious at its next claim was claimed before it."""
    return range(SUSPECT_CLAIMS - 1, conf.get("FLOWS_MAX_CLAIMS"))


def poison() -> Parked:
    times = conf.get("FLOWS_MAX_CLAIMS")
    return Parked(
        WORKER_LOST,
        f"The worker ended {times} times while it ran this, so it is set aside. "
        "Look at the workers' logs and memory, then retry.",
    )


def unreadable(flow: str, error: Exception) -> Parked:
    """The reason for what came up while the execution was loaded."""
    if isinstance(error, registry.UnknownFlow):
        return Parked(
            "UnknownFlow", f"{error} Install the app that registers it, or name it right, then retry."
        )
    if isinstance(error, engine.NeedsMigration):
        return Parked("NeedsMigration", f"{error} Bring the steps back under these names, then retry.")
    if isinstance(error, engine.SnapshotMismatch):
        return Parked("SnapshotMismatch", str(error))
    return Parked("UnreadableSnapshot", f"What is stored of “{flow}” cannot be read: {error!r}.")


def refused(error: Exception) -> Parked:
    """The reason for an outcome that the database does not take."""
    return Parked("CommitRefused", f"The database refused what this did: {error}")


def described(step: str, error: BaseException) -> dict[str, Any]:
    """What a chunk raised, as `Execution.error`; the traceback begins in the chunk itself."""
    return {
        "step": step,
        "type": engine.type_of(error),
        "message": engine.text_of(error),
        "traceback": _trace(error),
    }


def unanswered(failure: engine.Failure) -> dict[str, Any]:
    """A question that ran out and whose author calls that a failure, as `Execution.error`."""
    error = {"step": failure.activation.step, "type": failure.type, "message": failure.message}
    return error | {"traceback": ""}


def _trace(error: BaseException) -> str:
    if isinstance(error, engine.RaisedElsewhere):
        return error.traceback
    lines = traceback.format_exception(type(error), error, _author_frames(error))
    return clean("".join(lines), MAX_TRACEBACK)


def _author_frames(error: BaseException) -> Any:
    """The traceback without the engine's and the worker's own frames at its top."""
    frames = error.__traceback__
    while frames is not None and _is_ours(frames.tb_frame.f_globals.get("__name__", "")):
        frames = frames.tb_next
    return frames


def _is_ours(module: str) -> bool:
    return module.startswith(("flows.engine.", "flows.worker.", "asyncio."))
