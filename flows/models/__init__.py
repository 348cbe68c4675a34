from flows.models.draft import Draft
from flows.models.event import Event, EventKind
from flows.models.execution import Execution, ExecutionStatus
from flows.models.inbox_entry import InboxEntry
from flows.models.interrupt import ANYONE, VOTED, Interrupt, InterruptStatus, audience_tokens
from flows.models.message import Message, MessageKind
from flows.models.preference import Preference, Theme
from flows.models.presence import Presence
from flows.models.remote_run import RemoteRun, RunStatus
from flows.models.response import Door, Response
from flows.models.saved_view import SavedView
from flows.models.snooze import Snooze
from flows.models.vote import Given, Vote

__all__ = [
    "ANYONE",
    "VOTED",
    "Door",
    "Draft",
    "Event",
    "EventKind",
    "Execution",
    "ExecutionStatus",
    "Given",
    "InboxEntry",
    "Interrupt",
    "InterruptStatus",
    "Message",
    "MessageKind",
    "Preference",
    "Presence",
    "RemoteRun",
    "Response",
    "RunStatus",
    "SavedView",
    "Snooze",
    "Theme",
    "Vote",
    "audience_tokens",
]
