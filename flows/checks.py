"""Settings that make no sense fail `manage.py check`, each with a way out."""

import importlib.util
import math
from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage, Error, register

from flows import conf, registry
from flows.engine.chunk import QUEUE_RULE, is_queue
from flows.store import crash
from flows.worker.fleet import broker


@register()
def check_settings(**kwargs: Any) -> list[CheckMessage]:
    return [*_numbers(), *_order(), *_crash(), *_fleet(), *_queues()]


def _numbers() -> Iterator[CheckMessage]:
    """flows.E001: each is a number, and no smaller than makes sense."""
    for name, setting in conf.SETTINGS.items():
        value = conf.get(name)
        if not _is_number(value, whole=isinstance(setting.default, int)) or value < setting.low:
            kind = "a whole number" if isinstance(setting.default, int) else "a number"
            hint = f"Set it to {kind} from {setting.low:g}, or remove it: the default is {setting.default:g}."
            yield Error(f"{name} is {value!r}: it counts {setting.unit}.", hint=hint, id="flows.E001")


def _order() -> Iterator[CheckMessage]:
    """flows.E002: a worker looks for work at least as often as its leases would run out."""
    lease, poll = conf.get("FLOWS_LEASE_SECONDS"), conf.get("FLOWS_POLL_SECONDS")
    if _is_number(lease) and _is_number(poll) and poll > lease:
        hint = "Make FLOWS_POLL_SECONDS smaller than FLOWS_LEASE_SECONDS."
        yield Error(
            f"FLOWS_POLL_SECONDS ({poll}) is longer than a lease ({lease}).", hint=hint, id="flows.E002"
        )


def _fleet() -> Iterator[CheckMessage]:
    """flows.E005: chunks that run on Celery can be sent there."""
    sent = [f"“{r.name}”" for r in registry.all() if r.flow.definition.sends_away]
    if not sent:
        return
    named = f'{", ".join(sent)} has chunks with run_on="celery"'
    if importlib.util.find_spec("celery") is None:
        yield Error(f"{named}, but Celery is not installed.", hint="pip install celery", id="flows.E005")
        return
    try:
        broker.app()
    except broker.NoFleet as error:
        hint = 'Set FLOWS_CELERY_APP to the place of your Celery app, for example "myproject.celery:app".'
        yield Error(f"{named}, but {error}", hint=hint, id="flows.E005")


def _queues() -> Iterator[CheckMessage]:
    """flows.E004: the queues that a worker serves have names."""
    queues = conf.get("FLOWS_QUEUES")
    if queues is None or (isinstance(queues, list | tuple) and queues and all(map(is_queue, queues))):
        return
    hint = f"Set it to a list of queues, each {QUEUE_RULE}, or remove it: then workers serve all."
    yield Error(f"FLOWS_QUEUES is {queues!r}: it lists the queues of a worker.", hint=hint, id="flows.E004")


def _crash() -> Iterator[CheckMessage]:
    """flows.E003: orders to crash name a point, a passage and an action."""
    try:
        crash.parsed(conf.get("FLOWS_CRASH"))
    except crash.BadOrder as error:
        hint = f"Unset CRASH, or write point:nth:action. Points: {', '.join(sorted(crash.POINTS))}."
        yield Error(f"CRASH cannot be obeyed: {error}", hint=hint, id="flows.E003")


@register(checks.Tags.security, deploy=True)
def check_no_crash(**kwargs: Any) -> list[CheckMessage]:
    """flows.W001: no process that people rely on is ordered to crash."""
    if not conf.get("FLOWS_CRASH"):
        return []
    hint = "Unset CRASH: it is for tests only."
    return [checks.Warning("This installation is ordered to crash.", hint=hint, id="flows.W001")]


def _is_number(value: Any, whole: bool = False) -> bool:
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        return False
    return math.isfinite(value)
