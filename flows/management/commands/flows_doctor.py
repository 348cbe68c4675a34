from dataclasses import asdict
from typing import Any

from flows.management.base import FlowsCommand
from flows.services import doctor


class Command(FlowsCommand):
    help = (
        "Says what would not go on with this code, before it is deployed; writes nothing. "
        "Exit code 0: all would, 1: something would not, 2: it could not be found out."
    )

    def run(self, options: dict[str, Any]) -> Any:
        return asdict(doctor.examine(progress=self.progress(options, "executions examined")))

    def show(self, found: Any) -> None:
        for group in found["problems"]:
            self.line(f"{group['flow']}: {group['count']} × {group['problem']}. {group['message']}")
            self.line(f"  {', '.join(group['examples'])}")
        for group in found["parked"]:
            self.line(
                f"{group['flow']}: {group['count']} set aside before ({group['problem']}), "
                f"{group['ready']} of them would go on after a retry."
            )
            self.line(f"  {', '.join(group['examples'])}")
        if not found["problems"]:
            self.line(f"All {found['executions']} open executions go on as they are.")

    def is_well(self, found: Any) -> bool:
        return not found["problems"]
