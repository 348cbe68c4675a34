"""LangGraph: `interrupt()` in a graph with a PostgresSaver on a pool, resumed from another process.

The starter runs the graph up to its interrupt, the answerer from there to its end.
"""

import os
import sys
import uuid
from typing import Any, TypedDict

from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from benchmarks.cycles import client


class State(TypedDict, total=False):
    ticket: str
    answer: dict[str, Any]
    decision: dict[str, Any]


def ask(state: State) -> State:
    return {"answer": interrupt({"question": f"Refund {state['ticket']}?"})}


def keep(state: State) -> State:
    return {"decision": state["answer"]}


def graph(pool: ConnectionPool) -> Any:
    built = StateGraph(State).add_node("ask", ask).add_node("keep", keep)
    built.add_edge(START, "ask").add_edge("ask", "keep").add_edge("keep", END)
    return built.compile(checkpointer=PostgresSaver(pool))


def config(thread: str) -> dict[str, Any]:
    return {"configurable": {"thread_id": thread}}


def main(role: str) -> None:
    options = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    with ConnectionPool(os.environ["DSN"], min_size=4, max_size=20, kwargs=options) as pool:
        if role == "prepare":
            PostgresSaver(pool).setup()
            return
        built = graph(pool)

        def start() -> str:
            thread = str(uuid.uuid4())
            found = built.invoke({"ticket": "T-001"}, config(thread))
            assert found["__interrupt__"]
            return thread

        def answer(thread: str) -> None:
            found = built.invoke(Command(resume={"approved": True}), config(thread))
            assert found["decision"] == {"approved": True}

        client.starter(start) if role == "start" else client.answerer(answer)


if __name__ == "__main__":
    main(sys.argv[1])
