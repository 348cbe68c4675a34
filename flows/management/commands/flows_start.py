from argparse import ArgumentParser
from typing import Any

from flows.management.base import FlowsCommand, parsed, person
from flows.management.rows import execution_row
from flows.services import executions


class Command(FlowsCommand):
    help = "Starts an execution of a flow."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("flow", help="the flow's name")
        parser.add_argument("--input", default="null", metavar="JSON", help="the input (%(default)s)")
        parser.add_argument("--as", dest="username", metavar="USER", help="who asks for it")
        parser.add_argument("--request-id", help="repeating a call with the same id starts nothing new")

    def run(self, options: dict[str, Any]) -> Any:
        execution = executions.start(
            flow=options["flow"],
            input=parsed("--input", options["input"]),
            by=person(options["username"]),
            request_id=options["request_id"],
            door="command",
        )
        return execution_row(execution)

    def show(self, found: Any) -> None:
        self.line(f"Started {found['flow']}: {found['id']}")
