"""Questions of the same shape, which one answer can fit; and those that are answered singly, and why."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext, gettext_noop

from flows.models import Interrupt
from flows.models.interrupt import INBOX_TYPES
from flows.services import foreign
from flows.services.actions import Action, actions_of
from flows.services.interrupts import answer_schema
from flows.web.filters import flow_title
from flows.web.forms import schema_form

# Limits and hints differ from question to question of one step; what is asked for does not. Each answer is
# judged by its own question's schema all the same.
LIMITS = frozenset(
    [
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "default",
        "description",
        "examples",
    ]
)
HAS_CALLS = gettext_noop("It proposes calls, which are decided one by one.")
HAS_FILE = gettext_noop("It asks for a file.")
IS_TYPED = gettext_noop("It has to be confirmed by typing what it is about.")


@dataclass(frozen=True, slots=True)
class Single:
    """A question that is answered by itself, and why."""

    interrupt: Interrupt
    why: str


@dataclass(frozen=True, slots=True)
class Shape:
    """`key` is the same for questions of one shape; `interrupts` are in the list's order, one at least."""

    key: str
    interrupts: list[Interrupt]

    @property
    def first(self) -> Interrupt:
        return self.interrupts[0]

    @property
    def title(self) -> str:
        return flow_title(self.first.flow)

    @property
    def count(self) -> int:
        return len(self.interrupts)


def sorted_out(interrupts: Iterable[Interrupt]) -> tuple[list[Shape], list[Single]]:
    """The questions by shape, the most frequent first, and those that are answered singly."""
    shapes: dict[str, list[Interrupt]] = {}
    singles = []
    for interrupt in interrupts:
        if why := why_single(interrupt):
            singles.append(Single(interrupt, why))
        else:
            shapes.setdefault(key_of(interrupt), []).append(interrupt)
    found = [Shape(key, of_it) for key, of_it in shapes.items()]
    return sorted(found, key=lambda shape: -shape.count), singles


def key_of(interrupt: Interrupt) -> str:
    """The same for all questions that one form can ask: flow, step, type, what is asked for, and actions."""
    schema = without_limits(foreign.response_schema(interrupt))
    actions = [asdict(action) | {"confirm": bool(action.confirm)} for action in offered(interrupt)]
    shape = [interrupt.flow, interrupt.step, interrupt.type, schema, actions]
    return hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:16]


def offered(interrupt: Interrupt) -> tuple[Action, ...]:
    return actions_of(interrupt) if interrupt.type == "approval" else ()


def why_single(interrupt: Interrupt) -> str:
    """Why it cannot be decided together with others; "" when it can."""
    if interrupt.type not in INBOX_TYPES or foreign.proposed(interrupt):
        return gettext(HAS_CALLS)
    actions = offered(interrupt)
    if actions and all(action.confirm for action in actions):
        return gettext(IS_TYPED)
    return gettext(HAS_FILE) if has_file(json.dumps(asked_for(interrupt), sort_keys=True)) else ""


def asked_for(interrupt: Interrupt) -> Any:
    """The schema that the form is made of, without limits; None where nothing more is asked for."""
    if interrupt.type == "approval":
        return without_limits(foreign.response_schema(interrupt))
    return without_limits(answer_schema(interrupt))


@lru_cache(maxsize=256)
def has_file(schema: str) -> bool:
    read = json.loads(schema)
    return read is not None and schema_form(read).is_multipart()


def without_limits(schema: Any) -> Any:
    """A schema that takes whatever any of its kind takes. A property of such a name is none of them."""
    if isinstance(schema, list):
        return [without_limits(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: without_limits(inner) for name, inner in value.items()}
        if key in ("properties", "$defs") and isinstance(value, dict)
        else without_limits(value)
        for key, value in schema.items()
        if key not in LIMITS
    }
