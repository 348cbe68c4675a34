"""The author's API. Importing it needs no Django, so a flow runs in a plain script too."""

from flows.engine import Asked, Refused, TriggerFlow, TriggerFlowRuntimeData
from flows.registry import Fields, register

__all__ = ["Asked", "Fields", "Refused", "TriggerFlow", "TriggerFlowRuntimeData", "register"]
