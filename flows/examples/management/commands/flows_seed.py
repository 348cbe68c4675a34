import random
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User

from flows.examples.believable import REQUESTERS, wishes
from flows.examples.purchase import TEAMS
from flows.management.base import FlowsCommand, positive, refusal
from flows.services import seeding

WIDTH = 30


class Command(FlowsCommand):
    help = (
        "Fills the database with waiting questions of the example flows, to try the inbox with; they can be "
        "answered like any others. Ctrl-C stops it, and what is there by then is whole (exit code 1)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--waiting", type=positive, required=True, metavar="N", help="how many questions")
        parser.add_argument("--chance", type=int, default=1, help="another number gives other questions")
        parser.add_argument("--yes", action="store_true", help="also on a site that people reach over https")

    def run(self, options: dict[str, Any]) -> Any:
        if not (options["yes"] or getattr(settings, "DEMO_PEOPLE", False)):
            raise refusal(
                "People may work on this site. Say --yes to fill its database with made-up questions."
            )
        chance, wanted = random.Random(options["chance"]), options["waiting"]  # noqa: S311 - nothing secret
        samples = [seeding.sample(wish) for wish in wishes(chance, _requesters(), _reviewers())]
        done, began = 0, time.monotonic()
        try:
            for done in seeding.fill(samples, wanted, chance=chance):
                self._bar(options, done, wanted, time.monotonic() - began)
            seeding.tidy()
        except KeyboardInterrupt:
            return {"waiting": done, "stopped": True}
        return {"waiting": done, "stopped": False}

    def show(self, found: Any) -> None:
        self.line(f"{found['waiting']:,} questions added{', then stopped' * found['stopped']}.")

    def is_well(self, found: Any) -> bool:
        return not found["stopped"]

    def _bar(self, options: dict[str, Any], done: int, wanted: int, seconds: float) -> None:
        if options["json"] or not self.stderr.isatty():
            return
        full, left = WIDTH * done // wanted, seconds * (wanted - done) / done
        bar = f"{'█' * full}{'░' * (WIDTH - full)}"
        self.stderr.write(
            f"\r\033[K{bar} {done:,} of {wanted:,}, {left:,.0f} s left ", style_func=str, ending=""
        )
        sys.stderr.flush()
        self._progress_shown = True


def _requesters() -> tuple[int, ...]:
    """People who ask; made when missing, with no password to sign in by."""
    for team in TEAMS:
        Group.objects.get_or_create(name=team)
    found = []
    for number, name in enumerate(REQUESTERS, start=1):
        first, last = name.split()
        user, made = User.objects.get_or_create(
            username=f"asks-{number:02}", defaults={"first_name": first, "last_name": last}
        )
        if made:
            user.set_unusable_password()
            user.save(update_fields=["password"])
        found.append(user.pk)
    return tuple(found)


def _reviewers() -> tuple[str, ...]:
    named = User.objects.exclude(username__startswith="asks-").filter(is_active=True).order_by("pk")
    return tuple(named.values_list("username", flat=True)[:20])
