from argparse import ArgumentParser
from typing import Any

from flows.management.base import FlowsCommand, person, positive
from flows.management.rows import interrupt_row
from flows.services import interrupts


class Command(FlowsCommand):
    help = "Lists what waits for a person's answer, newest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--as", dest="username", metavar="USER", help="only what this person may answer")
        parser.add_argument("--limit", type=positive, default=100, help="how many at most (%(default)s)")

    def run(self, options: dict[str, Any]) -> Any:
        waiting = interrupts.open_for(person(options["username"]))
        return [interrupt_row(interrupt) for interrupt in waiting[: options["limit"]]]

    def show(self, found: Any) -> None:
        for row in found:
            self.line(f"{row['id']}  {row['created_at'][:16]}  {row['flow']}  {row['title']}")
        if not found:
            self.line("Nothing waits.")
