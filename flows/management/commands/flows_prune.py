import signal
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flows.management.base import FlowsCommand, age
from flows.services import pruning


class Command(FlowsCommand):
    help = (
        "Removes executions that ended long ago, with all that belongs to them. Safe to stop at any time "
        "(exit code 1: there is more), and to run beside workers."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--older-than", type=age, required=True, metavar="AGE", help="since their end: 90d, 12h, 2w"
        )
        parser.add_argument("--flow", help="only executions of this flow")
        parser.add_argument("--dry-run", action="store_true", help="only count")

    def run(self, options: dict[str, Any]) -> Any:
        which = {"seconds": options["older_than"], "flow": options["flow"]}
        if options["dry_run"]:
            found = pruning.count_old(**which)
            return {"dry_run": True, "flows": found, "executions": sum(found.values()), "stopped": False}
        removed, stopped = self._remove(which, options)
        return {"dry_run": False, "executions": removed, "stopped": stopped}

    def show(self, found: Any) -> None:
        for flow, number in found.get("flows", {}).items():
            self.line(f"{number:>9}  {flow}")
        verb = "would be removed" if found["dry_run"] else "removed"
        self.line(f"{found['executions']} executions {verb}{', then stopped' * found['stopped']}.")

    def is_well(self, found: Any) -> bool:
        return not found["stopped"]

    def _remove(self, which: dict[str, Any], options: dict[str, Any]) -> tuple[int, bool]:
        """How many are gone, and whether it was asked to stop before the last."""
        progress, removed = self.progress(options, "executions removed"), 0
        with _asked_to_stop() as asked:
            for number in pruning.remove_old(**which):
                removed += number
                progress(removed)
                if asked.is_set():
                    return removed, True
        return removed, False


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """Set by SIGTERM and Ctrl-C, so that the batch at hand is finished."""
    asked = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, lambda *_: asked.set())
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
