"""Fills a database with waiting questions, to try it with. Each sample is really run; the rest are copies."""

import copy
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flows import engine
from flows.engine.core import Core
from flows.services import executions, questions
from flows.store import seed
from flows.store.commits import Opened

NUMBER = seed.NUMBER


@dataclass(frozen=True, slots=True)
class Wish:
    """What to start: `input` may hold NUMBER in its texts, which is different in each copy. `weight` is
    how often it comes beside others; `requesters` are keys of people."""

    flow: str
    input: Any
    weight: float
    requesters: tuple[int, ...]
    age_seconds: float


def sample(wish: Wish) -> seed.Sample:
    """Run the flow in this process until it waits. Raises ValueError unless it asks one question then."""
    flow = executions.registered(wish.flow).flow
    execution, begun = flow.create_execution(), time.time()
    execution.start(wish.input)
    snapshot = execution.save()
    asked = list(Core.load(flow.definition, snapshot).interrupts.values())
    if len(asked) != 1:
        raise ValueError(f"“{wish.flow}” asks {len(asked)} questions, not one.")
    opened = questions.opened(asked[0], flow=wish.flow, requester_id=None)
    return seed.Sample(
        weight=wish.weight,
        requesters=wish.requesters,
        age_seconds=wish.age_seconds,
        input=engine.canonical_json(wish.input),
        snapshot=_marked(snapshot),
        shown=_shown(opened),
        opened=opened,
        due_seconds=_after(opened.due_at, begun),
        expires_seconds=_after(opened.expires_at, begun),
    )


def fill(samples: Sequence[seed.Sample], waiting: int, *, chance: random.Random) -> Iterator[int]:
    """Add so many waiting executions, a batch in each transaction; gives how many there are so far.

    Stopping between two batches, or in the middle of one, leaves whole executions only.
    """
    weights = [sample.weight for sample in samples]
    done = 0
    while done < waiting:
        size = min(seed.BATCH, waiting - done)
        seed.copy(samples, chance.choices(range(len(samples)), weights, k=size), number=done)
        done += size
        yield done


def tidy() -> None:
    """Let the planner know what is there now."""
    seed.analyze()


def _marked(snapshot: dict[str, Any]) -> str:
    """The snapshot as text, with marks for what each copy has of its own."""
    marked = copy.deepcopy(snapshot)
    asked = marked["interrupts"][0]
    marked["execution_id"], asked["id"] = seed.EXECUTION, seed.KEY
    marks = {"due": seed.DUE, "expire": seed.EXPIRES}
    asked["timers"] = [[marks[kind], kind] for _, kind in asked.get("timers", ()) if kind in marks]
    for name, mark in (("due_at", seed.DUE_TEXT), ("expires_at", seed.EXPIRES_TEXT)):
        if name in asked["options"]:
            asked["options"][name] = {"$datetime": mark}
    return engine.dump_json(marked)


def _shown(opened: Opened) -> str:
    """What the digest is of, as `questions.digest_of` writes it."""
    shown = [opened.type, opened.title, opened.payload, opened.response_schema, opened.initial]
    return json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _after(at: float | None, begun: float) -> float | None:
    return None if at is None else float(round(at - begun))
