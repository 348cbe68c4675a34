"""Activations that run where their host has sent them, and outcomes as JSON on their way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flows.engine.errors import RaisedElsewhere, text_of, type_of
from flows.engine.signals import Activation, Interrupt, Outcome

if TYPE_CHECKING:
    from flows.engine.core import Core

WITH_PATH = frozenset({"set", "append", "del"})
UNREADABLE = (AttributeError, KeyError, IndexError, TypeError, ValueError)


def send_away(core: Core, activation: Activation, run: str) -> None:
    """What was ready runs elsewhere now, as `run`: open, but nothing that its host is busy with.

    Give its outcome to `core.commit`, however much later.
    """
    activation.away = run
    core.away[activation.id] = core.ready.pop(activation.id)


def away_as(core: Core, number: int, run: str) -> Activation | None:
    """The activation of this number that is away as `run`; None when it is not any more."""
    activation = core.away.get(number)
    return activation if activation is not None and activation.away == run else None


def call_back(core: Core) -> None:
    """Whatever is away runs here instead; outcomes from there count no more."""
    for activation in core.away.values():
        activation.away = None
    core.ready, core.away = core.ready | core.away, {}


# -- outcomes ----------------------------------------------------------------------
def outcome_to_json(outcome: Outcome, traceback: Callable[[Exception], str]) -> dict[str, Any]:
    """{"effects", "output"}, or {"error": {"type", "message", "traceback"}} of a chunk that raised."""
    error = outcome.error
    if error is not None:
        return {"error": {"type": type_of(error), "message": text_of(error), "traceback": traceback(error)}}
    return {"effects": [_effect_to_json(effect) for effect in outcome.effects], "output": outcome.output}


def outcome_from_json(data: Any) -> Outcome:
    """What `outcome_to_json` wrote. Anything else is an outcome whose error says so."""
    try:
        if "error" in data:
            return Outcome(error=RaisedElsewhere(**data["error"]))
        return Outcome([_effect_from_json(effect) for effect in data["effects"]], data["output"])
    except UNREADABLE as error:
        return Outcome(
            error=RaisedElsewhere("UnreadableOutcome", f"What came back is no outcome: {error!r}", "")
        )


def _effect_to_json(effect: tuple[Any, ...]) -> list[Any]:
    kind, *arguments = effect
    if kind == "pause":
        return [kind, arguments[0].to_json()]
    return [kind, list(arguments[0]), *arguments[1:]] if kind in WITH_PATH else [kind, *arguments]


def _effect_from_json(effect: list[Any]) -> tuple[Any, ...]:
    kind, *arguments = effect
    if kind == "pause":
        return kind, Interrupt.from_json(arguments[0])
    return (kind, tuple(arguments[0]), *arguments[1:]) if kind in WITH_PATH else (kind, *arguments)
