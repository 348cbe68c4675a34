"""What a Celery worker does with a run: claim it, run its chunk under a lease, and bring the outcome back."""

import asyncio
import json
import logging
import os
import socket
import time
from typing import Any
from uuid import UUID

from django.db import Error

from flows import conf, engine, registry
from flows.live import hints
from flows.store import connection, runs
from flows.worker import parking, slots
from flows.worker.fleet.lease import Lease

log = logging.getLogger(__name__)

MAX_DELAY = 5.0
NOT_OURS, DROPPED, DONE = "not to be had", "dropped", "done"


def run_chunk(run_id: str) -> str:
    """Run the chunk of this run, if it is to be had; what became of it, for Celery's log.

    A second delivery comes back at once. A worker that was replaced meanwhile, or whose execution was
    cancelled, writes nothing.
    """
    # A chunk here has a thread, an event loop and a connection for itself, as in a flows worker.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    lease_seconds = conf.get("FLOWS_LEASE_SECONDS")
    owner = f"{socket.gethostname()}:{os.getpid()}"
    with connection.own(lease_seconds):
        run = runs.claim(id=UUID(run_id), owner=owner, lease_seconds=lease_seconds)
    if run is None:
        return NOT_OURS
    with Lease(run, lease_seconds=lease_seconds) as lease:
        outcome = _outcome_of(run, lease)
        with connection.own(lease_seconds):
            brought = _bring_back(run, outcome, lease)
    if not brought:
        log.warning("Run %s was taken over or cancelled: what it did here is dropped", run.id)
    return DONE if brought else DROPPED


def _outcome_of(run: runs.Claimed, lease: Lease) -> dict[str, Any]:
    """The outcome as JSON; a run that cannot be run here has one too."""
    try:
        if run.epoch > conf.get("FLOWS_MAX_CLAIMS"):
            raise parking.poison()
        core = _load(run)
        activation = engine.away_as(core, run.activation, str(run.id))
        if activation is None:
            raise parking.Parked("NotAway", "The execution does not wait for this run any more.")
    except parking.Parked as reason:
        return _refusal(reason)
    except parking.Unreadable as error:
        return _refusal(parking.unreadable(run.flow, error))
    lease.watch(core)
    activation.attempt += run.epoch - 1  # those that ended with their worker were attempts too
    with asyncio.Runner() as runner:
        outcome = slots.perform(runner, core, activation)
    return engine.outcome_to_json(outcome, lambda error: parking.described("", error)["traceback"])


def _load(run: runs.Claimed) -> engine.Core:
    definition = registry.get(run.flow).flow.definition
    return engine.Core.load(definition, json.loads(run.snapshot))


def _refusal(reason: parking.Parked) -> dict[str, Any]:
    return {"error": {name: reason.error[name] for name in ("type", "message", "traceback")}}


def _bring_back(run: runs.Claimed, outcome: dict[str, Any], lease: Lease) -> bool:
    """Write the outcome, however long the database is away; False when nobody wants it any more."""
    delay = 0.0
    while not lease.is_lost:
        try:
            brought = runs.finish(run, outcome)
            if brought:
                _tell(run)
            return brought
        except Error as error:
            if not connection.is_away(error):
                return runs.finish(run, _refusal(parking.refused(error)))
            delay = min(max(0.1, delay * 2), MAX_DELAY)
            log.warning("The database is away, next try in %.1f s: %s", delay, error)
            connection.close()
            time.sleep(delay)
    return False


def _tell(run: runs.Claimed) -> None:
    try:
        hints.wake_workers()
        hints.send(hints.topics_of(run.execution_id))
    except Error as error:
        log.warning("Nobody was told, they look by themselves: %s", error)
        connection.close()
