"""What keeps an answer out that fits its schema: a reason that is missing, and the author's own check."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext, gettext_noop
from pydantic_core import ValidationError

from flows import engine, registry
from flows.engine.text import clean
from flows.models import Interrupt
from flows.services.actions import Reason, actions_of
from flows.services.errors import InvalidAnswer, Problem

logger = logging.getLogger(__name__)
BROKEN = gettext_noop(
    "The flow's own check of this answer failed, so it was not taken. "
    "Nothing is lost; tell whoever looks after this flow."
)
PREFIXES = ("Value error, ", "Assertion failed, ")
MAX_PROBLEMS = 20


def judge(interrupt: Interrupt, value: Any, username: str | None) -> None:
    """Raise InvalidAnswer when `value`, tagged as `received` gave it, may not be the answer.

    Runs the author's code: never call it while a row is locked.
    """
    if problems := missing_reason(interrupt, value) or own_problems(interrupt, value, username):
        raise InvalidAnswer(problems[:MAX_PROBLEMS])


def missing_reason(interrupt: Interrupt, value: Any) -> list[Problem]:
    """[one problem] when the chosen action asks for a reason and there is none."""
    if interrupt.type != "approval" or (value["comment"] or "").strip():
        return []
    chosen = next((a for a in actions_of(interrupt) if a.id == value["action"]), None)
    if chosen is None or chosen.reason is not Reason.REQUIRED:
        return []
    return [Problem(("comment",), gettext("“%(action)s” needs a reason.") % {"action": chosen.label})]


def own_problems(interrupt: Interrupt, value: Any, username: str | None) -> list[Problem]:
    """What the validator that the flow is registered with objects to; [] without one."""
    validator = registry.validator_of(interrupt.flow, interrupt.step)
    if validator is None:
        return []
    answer = engine.restore_json(value)
    try:
        if isinstance(validator, type):
            return _of_model(validator, interrupt, answer)
        return _told(validator(answer, asked(interrupt, username)))
    except engine.Refused as refused:
        return _told(refused.problems)
    except ValidationError as error:
        return _found(error, ())
    except Exception:  # the author's code
        logger.exception("The validator of “%s” in the flow “%s” failed", interrupt.step, interrupt.flow)
        return [Problem((), gettext(BROKEN))]


def asked(interrupt: Interrupt, username: str | None) -> engine.Asked:
    return engine.Asked(
        flow=interrupt.flow,
        step=interrupt.step,
        type=interrupt.type,
        payload=engine.restore_json(interrupt.payload),
        initial=engine.restore_json(interrupt.initial),
        execution_id=str(interrupt.execution_id),
        by=username,
    )


def _of_model(model: Any, interrupt: Interrupt, answer: Any) -> list[Problem]:
    """A Pydantic model judges what its schema describes: of an approval the data, and only when approved."""
    path: tuple[str, ...] = ()
    if interrupt.type == "approval":
        if not answer["approved"]:
            return []
        path, answer = ("data",), answer["data"]
    try:
        model.model_validate(answer)
    except ValidationError as error:
        return _found(error, path)
    return []


def _found(error: ValidationError, path: tuple[str, ...]) -> list[Problem]:
    return [
        Problem((*path, *found["loc"]), clean(_sentence(found["msg"]), 300))
        for found in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def _sentence(message: str) -> str:
    for prefix in PREFIXES:
        message = message.removeprefix(prefix)
    return message


def _told(problems: Any) -> list[Problem]:
    """What a function returned or raised; raises TypeError for what is no problem at all."""
    if not problems:
        return []
    if isinstance(problems, str):
        return [Problem((), clean(problems, 300))]
    if isinstance(problems, Mapping):
        return [Problem(_path(path), clean(str(told), 300)) for path, told in problems.items()]
    raise TypeError(f"A validator returns None, a text or a dict of texts, not {problems!r}.")


def _path(given: Any) -> tuple[str | int, ...]:
    parts: Iterable[Any] = given if isinstance(given, tuple) else str(given).split(".") if given else ()
    return tuple(int(part) if isinstance(part, str) and part.isdecimal() else part for part in parts)
