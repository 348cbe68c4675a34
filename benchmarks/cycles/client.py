"""What every client process does: take a number from stdin, do that many, say so, until stdin ends."""

import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable

FIRST_LINE = "ready"
THREADS = 4
MANY, FEW = 100, 20  # questions that one look may find; with fewer the next look is a little later
LOOK_SECONDS = 0.01


def serve(do: Callable[[int], None]) -> None:
    """Call `do` with each number that comes in, and answer each with a line."""
    print(FIRST_LINE, flush=True)
    for line in sys.stdin:
        do(int(line))
        print("done", flush=True)


def starter(start: Callable[[], str], threads: int = THREADS) -> None:
    """`start` starts one and returns its id, which goes to the answerer."""
    handover = int(os.environ["HANDOVER"])

    def start_one(_: int) -> None:
        os.write(handover, f"{start()}\n".encode())

    serve(lambda count: in_threads(start_one, range(count), threads))


def answerer(answer: Callable[[str], None], threads: int = THREADS) -> None:
    """`answer` waits until the execution of that id asks, and answers it."""
    ids = started()
    serve(lambda count: in_threads(answer, (next(ids) for _ in range(count)), threads))


def answerer_of_batches(find: Callable[[list[str]], dict[str, str]], answer: Callable[[str], None]) -> None:
    """`find` tells which of these executions ask, as {execution: question}; `answer` answers a question."""
    ids = started()
    serve(lambda count: in_threads(answer, questions(find, ids, count), THREADS))


def questions(find: Callable[[list[str]], dict[str, str]], ids: "Started", count: int) -> Iterable[str]:
    """The next `count` questions, looked for by the hundred."""
    open_ones: list[str] = []
    while count:
        open_ones += ids.take(most=MANY - len(open_ones), wait=not open_ones)
        found = find(open_ones)
        open_ones = [id for id in open_ones if id not in found]
        count -= len(found)
        yield from found.values()
        if len(found) < FEW:  # otherwise the looking would be most of what is measured
            time.sleep(LOOK_SECONDS)


class Started:
    """The ids that the starter hands over, in order."""

    def __init__(self, descriptor: int) -> None:
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(descriptor,), daemon=True).start()

    def __next__(self) -> str:
        return self._lines.get()

    def take(self, *, most: int, wait: bool) -> list[str]:
        """At most `most` that are there; with `wait` at least one."""
        taken = [self._lines.get()] if wait else []
        while len(taken) < most and not self._lines.empty():
            taken.append(self._lines.get())
        return taken

    def _read(self, descriptor: int) -> None:
        with os.fdopen(descriptor) as lines:
            for line in lines:
                self._lines.put(line.strip())


def started() -> Started:
    return Started(int(os.environ["HANDOVER"]))


def in_threads(do: Callable[..., None], items: Iterable[object], threads: int) -> None:
    """Do all items in that many threads; ends the process at the first error."""
    waiting: queue.Queue[object] = queue.Queue(maxsize=threads * 4)
    workers = [threading.Thread(target=_work, args=(do, waiting), daemon=True) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for item in items:
        waiting.put(item)
    for _ in workers:
        waiting.put(_work)
    for worker in workers:
        worker.join()


def _work(do: Callable[..., None], waiting: "queue.Queue[object]") -> None:
    try:
        while (item := waiting.get()) is not _work:
            do(item)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
