from argparse import ArgumentParser
from typing import Any

from flows import engine
from flows.management.base import FlowsCommand, parsed, person, pretty
from flows.services import interrupts
from flows.services.people import name_of


class Command(FlowsCommand):
    help = "Answers an interrupt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("interrupt", help="its id, as flows_pending lists it")
        parser.add_argument("--value", required=True, metavar="JSON", help="the answer")
        parser.add_argument("--as", dest="username", required=True, metavar="USER", help="who answers")
        parser.add_argument("--request-id", help="repeating a call with the same id gives the first result")

    def run(self, options: dict[str, Any]) -> Any:
        response = interrupts.decide(
            interrupt_id=options["interrupt"],
            answer=parsed("--value", options["value"]),
            by=person(options["username"]),
            door="command",
            request_id=options["request_id"],
        )
        return {
            "interrupt": str(response.interrupt_id),
            "execution": str(response.execution_id),
            "title": response.interrupt.title,
            "by": name_of(response.by),
            "value": engine.plain_json(response.value),
        }

    def show(self, found: Any) -> None:
        self.line(f"{found['by']} answered “{found['title']}”: {pretty(found['value'])}")
