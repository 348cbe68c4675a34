from flows.models.draft import Draft
from flows.models.event import Event, EventKind
from flows.models.execution import Execution, ExecutionStatus
from flows.models.interrupt import ANYONE, Interrupt, InterruptStatus, audience_tokens
from flows.models.message import Message, MessageKind
from flows.models.preference import Preference, Theme
from flows.models.remote_run import RemoteRun, RunStatus
from flows.models.response import Door, Response

__all__ = [
    "ANYONE",
    "Door",
    "Draft",
    "Event",
    "EventKind",
    "Execution",
    "ExecutionStatus",
    "Interrupt",
    "InterruptStatus",
    "Message",
    "MessageKind",
    "Preference",
    "RemoteRun",
    "Response",
    "RunStatus",
    "Theme",
    "audience_tokens",
]
