from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from flows.management.base import FlowsCommand, pretty
from flows.management.rows import event_row, execution_row, interrupt_row
from flows.services import events, executions


class Command(FlowsCommand):
    help = "Shows an execution: its steps, state, interrupts and history."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("execution", help="its id")

    def run(self, options: dict[str, Any]) -> Any:
        execution = executions.find(options["execution"])
        return execution_row(execution) | {
            "steps": [asdict(step) for step in executions.progress(execution)],
            "state": executions.state(execution),
            "interrupts": [interrupt_row(i) for i in execution.interrupts.order_by("created_at", "id")],
            "history": [event_row(event) for event in events.history(execution)],
        }

    def show(self, found: Any) -> None:
        self.line(f"{found['flow']} {found['id']}: {found['status']}, queue {found['queue']}")
        if found["error"]:
            self.line(f"  {found['error']['type']}: {found['error']['message']}")
        for step in found["steps"]:
            self.line(f"  {step['status']:<8} {step['label']}")
        for interrupt in found["interrupts"]:
            self.line(f"  {interrupt['status']:<9} {interrupt['id']}  {interrupt['title']}")
        self.line(f"State: {pretty(found['state'])}")
        for event in found["history"]:
            self.line(f"  {event['at'][:19]}  {event['kind']}  {event['actor'] or ''}")
