"""What a policy means: the stages that a question goes through, and who is asked in each (DESIGN.md, 4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from flows import engine
from flows.models import ANYONE, Interrupt


@dataclass(frozen=True, slots=True)
class Stage:
    """`quorum` distinct people of the `audience` (tokens, see Interrupt) have to approve."""

    name: str
    audience: tuple[str, ...]
    quorum: int


def stages_of(policy: dict[str, Any] | None) -> tuple[Stage, ...]:
    """The stages in order, one at least. Without users and groups it is anyone with the permission."""
    policy = policy or {}
    return tuple(
        Stage(str(stage.get("name", "")), tuple(audience_of(stage)), int(stage.get("quorum", 1)))
        for stage in policy.get("stages") or [policy]
    )


def audience_of(stage: dict[str, Any]) -> list[str]:
    tokens = [f"u:{name}" for name in stage.get("users", ())]
    tokens += [f"g:{name}" for name in stage.get("groups", ())]
    return tokens or [ANYONE]


def excludes_requester(policy: dict[str, Any]) -> bool:
    """Whether the one who started the execution may not answer; so it is unless the policy says otherwise."""
    return bool(policy.get("exclude_requester", True))


def counts_votes(interrupt: Interrupt) -> bool:
    """Whether one approval is not enough."""
    return engine.asks_several(interrupt.policy)


def present_stage(interrupt: Interrupt) -> Stage:
    return stages_of(interrupt.policy)[interrupt.stage]


def is_at_last_stage(interrupt: Interrupt) -> bool:
    return interrupt.stage == len(stages_of(interrupt.policy)) - 1


def named(tokens: Iterable[str]) -> str:
    """Who an audience is, in words: "Finance, leo"."""
    names = [token.partition(":")[2] for token in tokens if not token.startswith("v:")]
    return ", ".join(name for name in names if name) or gettext("anyone who may answer questions")
