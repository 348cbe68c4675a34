from argparse import ArgumentParser
from typing import Any

from flows import engine
from flows.management.base import FlowsCommand, parsed, person, pretty, refusal
from flows.models import Given
from flows.services import early, interrupts
from flows.services.people import name_of


class Command(FlowsCommand):
    help = "Answers an interrupt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("interrupt", help="its id, as flows_pending lists it; or its key, with --of")
        parser.add_argument(
            "--of", metavar="EXECUTION", help="answer by key, before the question is asked if need be"
        )
        parser.add_argument("--value", required=True, metavar="JSON", help="the answer")
        parser.add_argument("--as", dest="username", metavar="USER", help="who answers; needed without --of")
        parser.add_argument("--request-id", help="repeating a call with the same id gives the first result")

    def run(self, options: dict[str, Any]) -> Any:
        if options["of"] is None and options["username"] is None:
            raise refusal("Say who answers: --as USER.")
        given = {
            "answer": parsed("--value", options["value"]),
            "by": person(options["username"]),
            "door": "command",
            "request_id": options["request_id"],
        }
        if options["of"] is None:
            return answered(interrupts.decide(interrupt_id=options["interrupt"], **given))
        response = early.answer(execution_id=options["of"], key=options["interrupt"], **given)
        return answered(response) if response else {"kept": options["interrupt"]}

    def show(self, found: Any) -> None:
        if "kept" in found:
            self.line(f"Kept until “{found['kept']}” is asked.")
        else:
            self.line(f"{found['by']} answered “{found['title']}”: {pretty(found['value'])}")


def answered(response: Given) -> dict[str, Any]:
    return {
        "interrupt": str(response.interrupt_id),
        "execution": str(response.execution_id),
        "title": response.interrupt.title,
        "by": name_of(response.by),
        "value": engine.plain_json(response.value),
    }
