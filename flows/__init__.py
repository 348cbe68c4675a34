"""The author's API. Importing it needs no Django, so a flow runs in a plain script too."""

from flows.engine import TriggerFlow, TriggerFlowRuntimeData
from flows.registry import register

__all__ = ["TriggerFlow", "TriggerFlowRuntimeData", "register"]
