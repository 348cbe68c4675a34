from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from flows.management.base import FlowsCommand
from flows.services import audit


class Command(FlowsCommand):
    help = (
        "Computes the hash chain of every history again; exit code 1 names the first event that does not fit."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--execution", metavar="ID", help="only this one's history")

    def run(self, options: dict[str, Any]) -> Any:
        report = audit.verify(
            execution_id=options["execution"], progress=self.progress(options, "events verified")
        )
        return asdict(report)

    def show(self, found: Any) -> None:
        for problem in found["problems"]:
            event = "" if problem["event"] is None else f", event {problem['event']}"
            place = "" if problem["execution"] is None else f"execution {problem['execution']}{event}: "
            self.line(f"{place}{problem['message']}")
        if found["count"] > len(found["problems"]):
            self.line(f"{found['count']} problems in all.")
        if not found["count"]:
            self.line(f"All {found['events']} events of {found['executions']} executions fit.")

    def is_well(self, found: Any) -> bool:
        return not found["count"]
