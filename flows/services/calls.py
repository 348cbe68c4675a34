"""Proposed tool calls: `proposed` of a payload, each approved, edited or rejected by itself.

In an answer they stand in `data.calls`, a list of {"id", "decision", "args", "comment"}; the flow receives
one for each call, in the order of the proposal, with its name and with the args that count.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext

from flows import engine
from flows.services.errors import InvalidAnswer, Problem
from flows.services.schemas import mistake_in, problems_of

MOST_CALLS = 50
MAX_COMMENT = 2_000
PLACE = ("data", "calls")


class Decision(StrEnum):
    APPROVE = "approve"
    EDIT = "edit"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Call:
    """One proposed call. `args` is tagged JSON, an object; `args_schema` is JSON Schema or None."""

    id: str
    name: str
    args: dict[str, Any]
    args_schema: dict[str, Any] | None
    allowed: tuple[Decision, ...]
    description: str = ""


def calls_of(payload: Any) -> tuple[Call, ...]:
    """The calls of a tagged payload; () when it proposes none, or something that is not understood."""
    listed = (engine.object_in(payload) or {}).get("proposed")
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_CALLS:
        return ()
    calls = [_call(engine.object_in(item), number) for number, item in enumerate(listed)]
    known = tuple(call for call in calls if call)
    return known if len({call.id for call in known}) == len(listed) else ()


def _call(item: dict[str, Any] | None, number: int) -> Call | None:
    if item is None or not isinstance(name := item.get("name"), str) or not name:
        return None
    id, args = item.get("id", str(number)), item.get("args", {})
    if not isinstance(id, str) or engine.object_in(args) is None:
        return None
    schema = engine.plain_json(item.get("args_schema"))
    fits = isinstance(schema, dict) and mistake_in(schema) is None
    description = item.get("description")
    return Call(
        id=id,
        name=name,
        args=args,
        args_schema=schema if fits else None,
        allowed=_allowed(item.get("allowed"), may_edit=fits or schema is None),
        description=description if isinstance(description, str) else "",
    )


def _allowed(given: Any, *, may_edit: bool) -> tuple[Decision, ...]:
    """What may be decided, in our order; everything unless it is said. Nobody edits by a broken schema."""
    wanted = given if isinstance(given, list) else list(Decision)
    return tuple(d for d in Decision if d in wanted and (may_edit or d is not Decision.EDIT))


def decided(calls: tuple[Call, ...], given: Any) -> list[dict[str, Any]]:
    """What the flow receives for each call: {"id", "name", "decision", "args", "comment"}.

    `given` is `data.calls` of an answer, tagged; None approves everything as it was proposed. `args` is null
    for what is rejected. Raises InvalidAnswer with every problem, at its place in the answer.
    """
    if given is None:
        given = [{"id": call.id, "decision": Decision.APPROVE.value} for call in calls]
    if not isinstance(given, list):
        raise InvalidAnswer([Problem(PLACE, gettext("Must be a list."))])
    known = {call.id: call for call in calls}
    problems = list(_mistakes(known, given))
    if problems:
        raise InvalidAnswer(problems)
    answers = {item["id"]: item for item in given}
    return [_received(call, answers[call.id]) for call in calls]


def _received(call: Call, answer: dict[str, Any]) -> dict[str, Any]:
    decision = answer["decision"]
    args = {Decision.APPROVE: call.args, Decision.EDIT: answer.get("args")}.get(decision)
    return {
        "id": call.id,
        "name": call.name,
        "decision": decision,
        "args": args,
        "comment": answer.get("comment") or None,
    }


def _mistakes(known: dict[str, Call], given: list[Any]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, item in enumerate(given):
        id = item.get("id") if isinstance(item, dict) else None
        if not isinstance(item, dict) or not isinstance(id, str) or id not in known or id in seen:
            yield Problem(
                (*PLACE, number), gettext("Is not one of the proposed calls, or the same one twice.")
            )
            continue
        seen.add(id)
        yield from _mistakes_in(known[id], item, (*PLACE, number))
    for call in known.values():
        if call.id not in seen:
            yield Problem(
                PLACE,
                gettext("Say what happens to “%(name)s” (%(id)s).") % {"name": call.name, "id": call.id},
            )


def _mistakes_in(call: Call, item: dict[str, Any], place: tuple[str | int, ...]) -> Iterator[Problem]:
    decision, comment = item.get("decision"), item.get("comment")
    for key in item.keys() - {"id", "decision", "args", "comment"}:
        yield Problem((*place, key), gettext("This is not asked for."))
    if comment is not None and (not isinstance(comment, str) or len(comment) > MAX_COMMENT):
        yield Problem(
            (*place, "comment"),
            gettext("Must be text of at most %(most)s characters.") % {"most": MAX_COMMENT},
        )
    if decision not in call.allowed:
        yield Problem(
            (*place, "decision"), gettext("Must be one of %(values)s.") % {"values": ", ".join(call.allowed)}
        )
    elif decision == Decision.EDIT:
        args = engine.plain_json(item.get("args"))
        if not isinstance(args, dict):
            yield Problem((*place, "args"), gettext("Must be an object."))
            return
        for problem in problems_of(args, {} if call.args_schema is None else call.args_schema):
            yield Problem((*place, "args", *problem.path), problem.message)
