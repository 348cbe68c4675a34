"""Our clients: `python -m benchmarks.cycles.ours start|answer`. The workers are `manage.py flows_worker`."""

import os
import sys

from benchmarks.cycles import client

FLOW = "cycle"
INPUT = {"ticket": "T-001"}
ANSWER = {"approved": True}
SETTINGS = {"APPROVALS_LOG_LEVEL": "WARNING", "DJANGO_SETTINGS_MODULE": "benchmarks.settings"}


def set_up() -> None:
    os.environ |= SETTINGS
    import django

    django.setup()


def start() -> str:
    from flows.services import executions

    return str(executions.start(flow=FLOW, input=INPUT).pk)


def asking(ids: list[str]) -> dict[str, str]:
    from flows.models import Interrupt

    asked = Interrupt.objects.filter(execution__in=ids).values_list("execution_id", "pk")
    return {str(execution): str(key) for execution, key in asked}


def answer(interrupt_id: str) -> None:
    from flows.services import interrupts

    interrupts.decide(interrupt_id=interrupt_id, answer=ANSWER)


if __name__ == "__main__":
    set_up()
    if sys.argv[1] == "start":
        client.starter(start)
    else:
        client.answerer_of_batches(asking, answer)
