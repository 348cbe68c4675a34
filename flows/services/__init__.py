"""The use cases, one transaction each, and the only ways in."""

from flows.services import errors, events, executions, interrupts

__all__ = ["errors", "events", "executions", "interrupts"]
