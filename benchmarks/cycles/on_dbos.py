"""DBOS: a workflow that publishes its question with `set_event` and waits in `recv`.

The starter is the application that runs the workflows; the answerer is a DBOSClient that reads the
question and sends the answer.
"""

import os
import sys
from typing import Any

from dbos import DBOS, DBOSClient, DBOSConfig

from benchmarks.cycles import client

PATIENCE_SECONDS = 120


@DBOS.workflow()
def cycle(ticket: str) -> dict[str, Any]:
    DBOS.set_event("question", {"question": f"Refund {ticket}?"})
    answer = DBOS.recv(timeout_seconds=PATIENCE_SECONDS)
    assert answer == {"approved": True}
    return keep(answer)


@DBOS.step()
def keep(answer: dict[str, Any]) -> dict[str, Any]:
    return {"decision": answer}


def start() -> str:
    return DBOS.start_workflow(cycle, "T-001").get_workflow_id()


def main(role: str) -> None:
    if role == "answer":
        dbos = DBOSClient(system_database_url=os.environ["DSN"], use_listen_notify=True)

        def answer(workflow: str) -> None:
            assert dbos.get_event(workflow, "question", PATIENCE_SECONDS)
            dbos.send(workflow, {"approved": True})

        client.answerer(answer, threads=8)
        return
    config: DBOSConfig = {"name": "cycles", "system_database_url": os.environ["DSN"], "log_level": "WARNING"}
    DBOS(config=config)
    DBOS.launch()
    if role == "start":
        client.starter(start)
    DBOS.destroy()


if __name__ == "__main__":
    main(sys.argv[1])
