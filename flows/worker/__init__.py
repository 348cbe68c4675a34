"""Claim, run, commit: what makes executions go on."""

from flows.worker.dispatcher import Dispatcher

__all__ = ["Dispatcher"]
