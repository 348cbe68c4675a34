"""The statuses of an execution and every legal change between them."""

from enum import StrEnum

from flows.engine.errors import IllegalMove


class Status(StrEnum):
    CREATED = "created"
    RUNNING = "running"
    WAITING = "waiting"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Move(StrEnum):
    START = "start"
    WAIT = "wait"
    WAKE = "wake"
    FAIL = "fail"
    RETRY = "retry"
    COMPLETE = "complete"
    CANCEL = "cancel"


TERMINAL = frozenset({Status.COMPLETED, Status.CANCELLED})

MOVES = {
    (Status.CREATED, Move.START): Status.RUNNING,
    (Status.RUNNING, Move.WAIT): Status.WAITING,
    (Status.WAITING, Move.WAKE): Status.RUNNING,
    (Status.RUNNING, Move.FAIL): Status.FAILED,
    (Status.FAILED, Move.FAIL): Status.FAILED,
    (Status.FAILED, Move.RETRY): Status.RUNNING,
    (Status.CREATED, Move.COMPLETE): Status.COMPLETED,
    (Status.RUNNING, Move.COMPLETE): Status.COMPLETED,
    (Status.CREATED, Move.CANCEL): Status.CANCELLED,
    (Status.RUNNING, Move.CANCEL): Status.CANCELLED,
    (Status.WAITING, Move.CANCEL): Status.CANCELLED,
    (Status.FAILED, Move.CANCEL): Status.CANCELLED,
}


def after(status: Status, move: Move) -> Status:
    """The status that `move` leads to; raises IllegalMove."""
    try:
        return MOVES[status, move]
    except KeyError:
        raise IllegalMove(f"Cannot {move} an execution that is {status}.") from None
