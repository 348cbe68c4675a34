import json
import logging
import os
import signal
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error

from flows import conf
from flows.engine.chunk import QUEUE_RULE, is_queue
from flows.management.base import first_line, positive, refusal
from flows.worker import Dispatcher

log = logging.getLogger("flows.worker")


class Command(BaseCommand):
    help = "Runs executions until it is told to stop; as many workers as you like may run at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--concurrency", type=positive, help="chunks at once (FLOWS_CONCURRENCY)")
        parser.add_argument("--queues", help="serve these only, separated by commas (FLOWS_QUEUES; else all)")
        parser.add_argument("--until-idle", action="store_true", help="stop when nothing is due any more")
        parser.add_argument("--json", action="store_true", help="print what was done as JSON at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        # Each chunk has a thread, an event loop and a connection for itself, so the ORM is safe in it.
        os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        dispatcher = Dispatcher(concurrency=options["concurrency"], queues=queues_of(options["queues"]))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: dispatcher.stop())
        served = "all queues" if dispatcher.queues is None else f"queues {', '.join(dispatcher.queues)}"
        log.info("Worker %s is ready and serves %s.", dispatcher.owner, served)
        try:
            all_ended = dispatcher.run(until_idle=options["until_idle"])
        except Error as error:
            raise refusal(f"The database cannot be used: {first_line(error)}") from None
        log.info("Worker %s has stopped.", dispatcher.owner)
        if options["json"]:
            self.stdout.write(json.dumps({"worker": dispatcher.owner, **asdict(dispatcher.counts)}))
        if not all_ended:
            leave()


def queues_of(text: str | None) -> list[str] | None:
    """The names in a list with commas, those of the settings without one; raises CommandError."""
    if text is None:
        names: list[str] | None = conf.get("FLOWS_QUEUES")
        return names
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if not is_queue(name):
            raise refusal(f"--queues: {name!r} is no queue; each is {QUEUE_RULE}.")
    return names


def leave() -> None:
    """End the process although a chunk hangs: its thread would keep it alive for ever."""
    sys.stdout.flush()
    sys.stderr.flush()
    logging.shutdown()
    os._exit(0)
