from dataclasses import asdict
from typing import Any

from flows.management.base import FlowsCommand
from flows.services import integrity


class Command(FlowsCommand):
    help = (
        "Checks what must always be true of the data, while workers run; exit code 1 when something is not."
    )

    def run(self, options: dict[str, Any]) -> Any:
        broken = integrity.check(progress=self.progress(options, "snapshots read"))
        return {"checked": integrity.names(), "broken": [asdict(each) for each in broken]}

    def show(self, found: Any) -> None:
        for broken in found["broken"]:
            self.line(f"{broken['name']}: {broken['meaning']}")
            self.line(
                f"  not so for {broken['count']} {broken['subject']}(s): {', '.join(broken['examples'])}"
            )
        if not found["broken"]:
            self.line(f"All {len(found['checked'])} checks hold.")

    def is_well(self, found: Any) -> bool:
        return not found["broken"]
