"""How fast the inbox is with a million waiting, over HTTP and in SQL.

    python -m benchmarks.inbox                        in a database of its own, gone afterwards; half an hour
    python -m benchmarks.inbox --keep var/million     made there when it is not, and left for the next run

Each page is asked for again and again by one client, of a real `manage.py web`. Plans are kept in
var/inbox-plans. Exit code 1 when a budget of DESIGN.md, 9 is missed.
"""

import argparse
import os
import sys
from contextlib import contextmanager, nullcontext
from pathlib import Path

from benchmarks.cycles.venv import ROOT

PLANS = ROOT / "var" / "inbox-plans"


def main() -> int:
    options = parsed()
    from approvals_site.scratch import scratch

    with kept(options.keep) if options.keep else scratch("inbox"):
        from benchmarks.inbox import measured, prepared

        prepared.database(options.waiting)
        figures = measured.all_pages(options.times, PLANS)
        measured.show(figures)
        print(f"Plans: {PLANS}")
        return int(any(figure.is_missed for figure in figures))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inbox", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--waiting", type=int, default=1_000_000, help="how many questions wait")
    parser.add_argument("--times", type=int, default=40, help="how often each page is asked for")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="of a database that stays")
    return parser.parse_args()


@contextmanager
def kept(folder: Path):
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["APPROVALS_VAR_DIR"] = str(folder.resolve())
    with nullcontext():
        yield
    from django.db import connections

    connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
