"""The flow engine: plain Python, standard library only. See docs/architecture.md for the way through."""

from flows.engine.away import away_as, call_back, outcome_from_json, outcome_to_json, send_away
from flows.engine.canonical import canonical_json, dump_json, object_in, plain_json, restore_json
from flows.engine.core import Core
from flows.engine.data import Host, Resume, TriggerFlowRuntimeData
from flows.engine.definition import Definition, Kind, Step
from flows.engine.diagram import Diagram, Node, Way, diagram
from flows.engine.errors import (
    AlreadyResolved,
    ChunkEnded,
    ChunkTimeout,
    ContractError,
    DefinitionError,
    DuplicateInterrupt,
    FlowError,
    IllegalMove,
    InterruptExpired,
    NeedsMigration,
    NotJSON,
    PauseNotAllowed,
    PendingInterrupts,
    RaisedElsewhere,
    RequestReused,
    SnapshotMismatch,
    StateError,
    TooManyResumes,
    UnknownInterrupt,
    text_of,
    type_of,
)
from flows.engine.execution import Execution
from flows.engine.flow import TriggerFlow
from flows.engine.ids import new_id
from flows.engine.judging import Asked, Problems, Refused, Validator
from flows.engine.pause import CANCEL, FAIL, PRIORITIES, check_event
from flows.engine.policy import asks_several
from flows.engine.runner import run
from flows.engine.schemas import json_schema
from flows.engine.signals import UNSET, Activation, Changes, Failure, Interrupt, Outcome, Place
from flows.engine.states import TERMINAL, Status
from flows.engine.timers import Timer, TimerKind, fire, next_instant

__all__ = [
    "CANCEL",
    "FAIL",
    "PRIORITIES",
    "TERMINAL",
    "UNSET",
    "Activation",
    "AlreadyResolved",
    "Asked",
    "Changes",
    "ChunkEnded",
    "ChunkTimeout",
    "ContractError",
    "Core",
    "Definition",
    "DefinitionError",
    "Diagram",
    "DuplicateInterrupt",
    "Execution",
    "Failure",
    "FlowError",
    "Host",
    "IllegalMove",
    "Interrupt",
    "InterruptExpired",
    "Kind",
    "NeedsMigration",
    "Node",
    "NotJSON",
    "Outcome",
    "PauseNotAllowed",
    "PendingInterrupts",
    "Place",
    "Problems",
    "RaisedElsewhere",
    "Refused",
    "RequestReused",
    "Resume",
    "SnapshotMismatch",
    "StateError",
    "Status",
    "Step",
    "Timer",
    "TimerKind",
    "TooManyResumes",
    "TriggerFlow",
    "TriggerFlowRuntimeData",
    "UnknownInterrupt",
    "Validator",
    "Way",
    "asks_several",
    "away_as",
    "call_back",
    "canonical_json",
    "check_event",
    "diagram",
    "dump_json",
    "fire",
    "json_schema",
    "new_id",
    "next_instant",
    "object_in",
    "outcome_from_json",
    "outcome_to_json",
    "plain_json",
    "restore_json",
    "run",
    "send_away",
    "text_of",
    "type_of",
]
