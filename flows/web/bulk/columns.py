"""What the table shows of each question: the values its flow declares, else its facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flows import engine
from flows.models import Interrupt
from flows.services.foreign import response_schema, shown_payload
from flows.web.filters import fields_of
from flows.web.forms.schema import spoken, text

MOST = 6
FACTS, PROPOSED = "facts.", "proposed."
NUMERIC = ("number", "money", "percent")


@dataclass(frozen=True, slots=True)
class Column:
    """`path` is that of a declared field; "proposed.…" is what the question proposes as its answer."""

    path: str
    label: str
    kind: str = ""

    @property
    def css(self) -> str:
        return "end" if self.kind in NUMERIC else ""


@dataclass(frozen=True, slots=True)
class Cell:
    """`fact` is written as the facts of a payload are; `label` is its column's, for small screens."""

    label: str
    fact: dict[str, Any]
    css: str


def columns_of(interrupts: list[Interrupt]) -> list[Column]:
    """At most MOST of the payload and what is proposed; columns without any value are left out."""
    payloads = [payload_of(interrupt) for interrupt in interrupts]
    first = interrupts[0]
    given = [Column(f.path, f.label, f.kind) for f in fields_of(first.flow)] or facts_in(payloads)
    kept = [column for column in given if any(has_value(payload, column) for payload in payloads)]
    return kept[:MOST] + proposals(interrupts)


def payload_of(interrupt: Interrupt) -> dict[str, Any]:
    payload = engine.plain_json(shown_payload(interrupt.type, interrupt.payload))
    return payload if isinstance(payload, dict) else {}


def facts_in(payloads: Iterable[dict[str, Any]]) -> list[Column]:
    """A column for each label, in the order in which they come."""
    kinds: dict[str, str] = {}
    for payload in payloads:
        for label, fact in facts_of(payload).items():
            kinds.setdefault(label, str(fact.get("kind") or ""))
    return [Column(FACTS + label, label, kind) for label, kind in kinds.items()]


def facts_of(payload: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The facts by label."""
    given = payload.get("facts")
    if isinstance(given, dict):
        return {label: {"value": value} for label, value in given.items()}
    listed = given if isinstance(given, list) else []
    return {
        fact["label"]: fact
        for fact in listed
        if isinstance(fact, dict) and isinstance(fact.get("label"), str)
    }


def proposals(interrupts: list[Interrupt]) -> list[Column]:
    """A column for each value that every question of this shape proposes."""
    schema = response_schema(interrupts[0])
    known = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(known, dict):
        return []
    given = [initial for i in interrupts if isinstance(initial := engine.plain_json(i.initial), dict)]
    return [
        Column(PROPOSED + name, text(inner, "title") or spoken(name), str(inner.get("type", "")))
        for name, inner in known.items()
        if isinstance(inner, dict) and any(name in initial for initial in given)
    ][:MOST]


def has_value(payload: dict[str, Any], column: Column) -> bool:
    return fact_in(payload, column).get("value") not in (None, "")


def fact_in(payload: dict[str, Any], column: Column) -> dict[str, Any]:
    """The value of a column as a fact, {} without one."""
    if column.path.startswith(FACTS):
        return facts_of(payload).get(column.path.removeprefix(FACTS), {})
    value: Any = payload
    for name in column.path.split(".", 1):
        value = value.get(name) if isinstance(value, dict) else None
    return {} if value is None else {"value": value}


def cells_of(interrupt: Interrupt, columns: list[Column]) -> list[Cell]:
    payload, initial = payload_of(interrupt), engine.plain_json(interrupt.initial)
    return [cell(payload, initial, column) for column in columns]


def cell(payload: dict[str, Any], initial: Any, column: Column) -> Cell:
    if column.path.startswith(PROPOSED):
        known = initial if isinstance(initial, dict) else {}
        value: Any = known.get(column.path.removeprefix(PROPOSED))
        whole = int(value) if isinstance(value, float) and value.is_integer() else value
        fact = {"value": whole, "kind": column.kind}
    else:
        fact = fact_in(payload, column)
    counts = isinstance(fact.get("value"), int | float) and not isinstance(fact["value"], bool)
    return Cell(column.label, fact, column.css or ("end" if counts else ""))
