"""Our clients: `python -m benchmarks.cycles.ours start|answer`. The workers are `manage.py flows_worker`."""

import os
import sys

from benchmarks.cycles import client

FLOW = "cycle"
INPUT = {"ticket": "T-001"}
ANSWER = {"approved": True}
ASKING = """
SELECT execution_id, id FROM flows_interrupt WHERE execution_id = ANY(%s::uuid[]) AND status = 'waiting'
"""
SETTINGS = {"APPROVALS_LOG_LEVEL": "WARNING", "DJANGO_SETTINGS_MODULE": "benchmarks.settings"}


def set_up() -> None:
    os.environ |= SETTINGS
    import django

    django.setup()


def start() -> str:
    from flows.services import executions

    return str(executions.start(flow=FLOW, input=INPUT).pk)


def asking(ids: list[str]) -> dict[str, str]:
    """Looked for as the floor does it: this is the measuring, not what is measured."""
    from flows.store.connection import prepared

    with prepared() as cursor:
        cursor.execute(ASKING, [ids])
        return {str(execution): str(key) for execution, key in cursor.fetchall()}


def answer(interrupt_id: str) -> None:
    from flows.services import interrupts

    interrupts.decide(interrupt_id=interrupt_id, answer=ANSWER)


if __name__ == "__main__":
    set_up()
    if sys.argv[1] == "start":
        client.starter(start)
    else:
        client.answerer_of_batches(asking, answer)
