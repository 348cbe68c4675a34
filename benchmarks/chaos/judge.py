"""Whether everything came out as it must: what people were told, what chunks did, what the rows say."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.chaos.clients import MODELS
from benchmarks.chaos.flows import ITEMS
from flows.models import Execution, Response
from flows.services import audit, integrity

PLAIN = {"event": "emitted", "retries": "computed", "fails": "computed"}


@dataclass(frozen=True)
class Verdict:
    """`lost` and `broken` are sentences, none when all is well."""

    executions: dict[str, int]
    answers: int
    lost: list[str]
    broken: list[str]
    run_again: int


def judged(journal: Path, ledger: Path) -> Verdict:
    said = [json.loads(line) for line in journal.read_text().splitlines()]
    runs = _runs(ledger)
    responses = _responses()
    broken: list[str] = []
    for execution in Execution.objects.filter(status="completed").defer("snapshot").iterator():
        broken += _problems(execution, responses[execution.pk], runs[str(execution.pk)])
    return Verdict(
        executions=dict(Counter(Execution.objects.values_list("status", flat=True))),
        answers=Response.objects.count(),
        lost=[*_lost(said), *_unfinished()],
        broken=[*broken, *_offending_rows(), *(error for what, _, error in said if what == "puzzled")],
        run_again=sum(sum(keys.values()) - len(keys) for keys in runs.values()),
    )


def _lost(said: list[Any]) -> Iterator[str]:
    """What people were told and the database does not know."""
    statuses = {str(id): status for id, status in Execution.objects.values_list("id", "status")}
    answers = {str(id): value for id, value in Response.objects.values_list("interrupt_id", "value")}
    for what, id, value in said:
        if what == "started" and id not in statuses:
            yield f"execution {id} was started and is gone"
        elif what == "cancelled" and statuses.get(id) != "cancelled":
            yield f"execution {id} was cancelled and is {statuses.get(id)}"
        elif what == "answered" and answers.get(id) != value:
            yield f"interrupt {id} was answered {value!r} and has {answers.get(id)!r}"
        elif what == "undone" and answers.get(id) == value:
            yield f"the answer of interrupt {id} was taken back and is there"


def _unfinished() -> Iterator[str]:
    for execution in Execution.objects.exclude(status__in=("completed", "cancelled")):
        where = f"{execution.flow} {execution.pk}"
        yield f"{where} is {execution.status} for ever: {execution.error}"


def _offending_rows() -> Iterator[str]:
    for found in integrity.check():
        yield f"{found.name}: not so for {found.count} {found.subject}(s), {', '.join(found.examples)}"
    for problem in audit.verify().problems:
        yield str(problem)


def _problems(execution: Execution, answers: dict[Any, Any], runs: Counter[tuple[str, str]]) -> Iterator[str]:
    notes = [tuple(note.split()) for note in execution.result["notes"]]
    steps = Counter(step for step, _ in notes)
    where = f"{execution.flow} {execution.pk}"
    if steps != MODELS[execution.flow].steps or len(set(notes)) != len(notes):
        yield f"{where}: committed {notes}"
    if set(notes) != set(runs):
        yield f"{where}: a chunk changed its key, or ran and is forgotten: {set(notes) ^ set(runs)}"
    if len(answers) != MODELS[execution.flow].questions - (execution.flow == "event"):
        yield f"{where}: answers {answers}"
    elif execution.result["answer"] != _expected(execution.flow, answers):
        yield f"{where}: got {execution.result['answer']} of {answers}"


def _expected(flow: str, answers: dict[Any, Any]) -> Any:
    """What arrives at the end, given the answers by (title, item)."""
    by_title = {title: value for (title, _), value in answers.items()}
    by_item = {item: value for (_, item), value in answers.items()}
    if flow in PLAIN:
        return PLAIN[flow]
    if flow in ("each", "sub"):
        return [by_item[item] for item in ITEMS]
    if flow == "batch":
        return by_title
    return by_title["second" if flow == "sequence" else "asked"]


def _responses() -> dict[Any, dict[Any, Any]]:
    """Of each execution, the answers by title and item of their questions."""
    found: dict[Any, dict[Any, Any]] = defaultdict(dict)
    for response in Response.objects.select_related("interrupt"):
        payload = response.interrupt.payload
        found[response.execution_id][payload["title"], str_of(payload["item"])] = response.value
    return found


def str_of(item: Any) -> Any:
    return item if isinstance(item, str) else None


def _runs(ledger: Path) -> dict[str, Counter[tuple[str, str]]]:
    """Of each execution, how often each step ran under each key."""
    found: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for line in ledger.read_text().splitlines():
        execution, step, key = line.split()
        found[execution][step, key] += 1
    return found
