from argparse import ArgumentParser
from typing import Any

from flows.management.base import FlowsCommand, parsed, person
from flows.services import executions


class Command(FlowsCommand):
    help = "Sends an event into a running execution."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("execution", help="its id")
        parser.add_argument("event", help="the event's name")
        parser.add_argument("--value", default="null", metavar="JSON", help="what its listeners get")
        parser.add_argument("--request-id", help="sent a second time under the same id, it is taken once")
        parser.add_argument("--as", dest="username", metavar="USER", help="who sends it (default: nobody)")

    def run(self, options: dict[str, Any]) -> Any:
        execution = executions.emit(
            execution_id=options["execution"],
            event=options["event"],
            value=parsed("--value", options["value"]),
            by=person(options["username"]),
            door="command",
            request_id=options["request_id"],
        )
        return {"execution": str(execution.pk), "event": options["event"]}

    def show(self, found: Any) -> None:
        self.line(f"Sent “{found['event']}” to {found['execution']}.")
