"""How large our rows are: one cycle, looked at on its way."""

from collections.abc import Mapping

from benchmarks.cycles.ours import ANSWER, FLOW, INPUT

# What the floor's rows hold beside their text.
HEADERS = {"interrupt": 70, "response": 44, "message": 52, "event": 52}
EXECUTION = 72


def measured() -> dict[str, int]:
    """Average bytes of a row of each sort, "created", "waiting" and "completed" being an execution's.

    "asking" is all that a waiting execution takes in its tables besides its input and payload.
    """
    from flows.models import Interrupt
    from flows.services import executions, interrupts
    from flows.worker import Dispatcher

    executions.start(flow=FLOW, input=INPUT)
    found = {"created": _average("execution")}
    Dispatcher().run(until_idle=True)
    found |= {"waiting": _average("execution"), "interrupt": _average("interrupt")}
    given = 2 * _average("execution", "input") + _average(
        "interrupt", "payload"
    )  # input: in the snapshot too
    found["asking"] = found["waiting"] + found["interrupt"] + 2 * _average("event") - given
    interrupts.decide(interrupt_id=Interrupt.objects.get().pk, answer=ANSWER)
    found |= {"response": _average("response"), "message": _average("message")}
    Dispatcher().run(until_idle=True)
    return found | {"completed": _average("execution"), "event": _average("event")}


def fillers(sizes: Mapping[str, int]) -> dict[str, int]:
    """Bytes of text that make a row of the floor as large as ours."""
    return {row: size - HEADERS.get(row, EXECUTION) for row, size in sizes.items()}


def _average(table: str, column: str = "*") -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT avg(pg_column_size(r.{column})) FROM flows_{table} r")  # noqa: S608
        return int(cursor.fetchone()[0])
