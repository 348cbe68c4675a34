"""What `policy` of `pause_for` may say: who answers, how many of them, and in which order."""

from typing import Any

from flows.engine.canonical import canonical_json

POLICY_KEYS = ("users", "groups", "quorum", "stages", "exclude_requester")
STAGE_KEYS = ("name", "users", "groups", "quorum")
MOST_STAGES = 20
MOST_VOTES = 100


def check_policy(policy: Any) -> dict[str, Any] | None:
    """`policy` as JSON; raises ValueError for a key or a value that could not be enforced."""
    if policy is None:
        return None
    _check_keys(policy, "policy", POLICY_KEYS)
    exclude = policy.get("exclude_requester", True)
    if not isinstance(exclude, bool):
        raise ValueError(f"policy['exclude_requester'] is true or false, not {exclude!r}.")
    if "stages" in policy:
        _check_stages(policy)
    else:
        _check_people(policy, "policy")
    return dict(canonical_json(policy))


def asks_several(policy: dict[str, Any] | None) -> bool:
    """Whether one answer is not enough."""
    return policy is not None and (policy.get("quorum", 1) > 1 or bool(policy.get("stages")))


def _check_stages(policy: dict[str, Any]) -> None:
    stages = policy["stages"]
    if beside := [key for key in ("users", "groups", "quorum") if key in policy]:
        raise ValueError(f"policy has stages, so {' and '.join(beside)} belong into each of them.")
    if not isinstance(stages, list) or not 1 <= len(stages) <= MOST_STAGES:
        raise ValueError(f"policy['stages'] is a list of 1 to {MOST_STAGES} stages, not {stages!r}.")
    for number, stage in enumerate(stages):
        place = f"policy['stages'][{number}]"
        _check_keys(stage, place, STAGE_KEYS)
        if not isinstance(stage.get("name", ""), str):
            raise ValueError(f"{place}['name'] is a text, not {stage['name']!r}.")
        _check_people(stage, place)


def _check_people(stage: dict[str, Any], place: str) -> None:
    for key in ("users", "groups"):
        names = stage.get(key, [])
        if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
            raise ValueError(f"{place}[{key!r}] is a list of names, not {names!r}.")
    quorum = stage.get("quorum", 1)
    if type(quorum) is not int or not 1 <= quorum <= MOST_VOTES:
        raise ValueError(f"{place}['quorum'] is a whole number from 1 to {MOST_VOTES}, not {quorum!r}.")
    users = set(stage.get("users", ()))
    if users and not stage.get("groups") and len(users) < quorum:
        raise ValueError(f"{place} asks for {quorum} people and names only {len(users)}.")


def _check_keys(given: Any, place: str, keys: tuple[str, ...]) -> None:
    if not isinstance(given, dict):
        raise ValueError(f"{place} is an object, not {given!r}.")
    for key in given:
        if key not in keys:
            raise ValueError(f"{place} has no {key!r}; it takes {', '.join(keys)}.")
