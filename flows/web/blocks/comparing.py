"""What changed between two lists, in bounded time whatever is in them.

Patience diff (B. Cohen): items that occur once on both sides are the anchors; what lies between two of
them is compared thoroughly when it is small, and counts as replaced when it is not.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

Run = tuple[
    str, int, int, int, int
]  # ("same" or "changed", from and to on the left, from and to on the right)
SMALL = 6_000  # pairs of items that are compared thoroughly between two anchors
BUDGET = 150_000  # such pairs in all
WORDS = re.compile(r"\w+|\s+|.")
LONGEST_LINE = 400  # characters of a line in which words are compared


@dataclass(slots=True)
class Purse:
    """What may still be spent on comparing words, in pairs of words."""

    left: int = 400_000

    def pays(self, price: int) -> bool:
        self.left -= price
        return self.left >= 0


def runs(left: Sequence[str], right: Sequence[str]) -> list[Run]:
    """The whole of both sides in order; runs of one kind are never neighbours."""
    found: list[Run] = []
    budget = BUDGET
    for a1, a2, b1, b2 in gaps(left, right):
        size = (a2 - a1) * (b2 - b1)
        thorough = 0 < size <= min(SMALL, budget)
        budget -= size if thorough else 0
        for kind, i1, i2, j1, j2 in compared(left[a1:a2], right[b1:b2], thorough=thorough):
            add(found, (kind, a1 + i1, a1 + i2, b1 + j1, b1 + j2))
    return found


def gaps(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """What lies between the anchors, and each anchor as a gap of one item."""
    start, end = ends(left, right)
    a, b = 0, 0
    for i, j in [(n, n) for n in range(start)] + anchors(left, right, start, end):
        yield a, i, b, j
        yield i, i + 1, j, j + 1
        a, b = i + 1, j + 1
    yield a, len(left) - end, b, len(right) - end
    for n in range(end, 0, -1):
        yield len(left) - n, len(left) - n + 1, len(right) - n, len(right) - n + 1


def ends(left: Sequence[str], right: Sequence[str]) -> tuple[int, int]:
    """How many items are the same at the start, and at the end."""
    shorter = min(len(left), len(right))
    start = next((n for n in range(shorter) if left[n] != right[n]), shorter)
    rest = shorter - start
    return start, next((n for n in range(rest) if left[-1 - n] != right[-1 - n]), rest)


def anchors(left: Sequence[str], right: Sequence[str], start: int, end: int) -> list[tuple[int, int]]:
    """The longest rising row of items that occur once on both sides, as places on the left and right."""
    inner_left, inner_right = left[start : len(left) - end], right[start : len(right) - end]
    once = {item for item, count in Counter(inner_left).items() if count == 1}
    once &= {item for item, count in Counter(inner_right).items() if count == 1}
    place = {item: n for n, item in enumerate(inner_right) if item in once}
    pairs = [(n, place[item]) for n, item in enumerate(inner_left) if item in once]
    return [(start + i, start + j) for i, j in rising(pairs)]


def rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest row of pairs in which the second rises too."""
    tops: list[int] = []  # the smallest end of a row of each length
    last: list[int] = []  # the pair that has it
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        at = bisect_left(tops, j)
        before.append(last[at - 1] if at else -1)
        tops[at : at + 1], last[at : at + 1] = [j], [number]
    found, at = [], last[-1] if last else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]


def compared(left: Sequence[str], right: Sequence[str], *, thorough: bool) -> Iterator[Run]:
    if not thorough:
        if left or right:
            yield "changed", 0, len(left), 0, len(right)
        return
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        yield "same" if tag == "equal" else "changed", i1, i2, j1, j2


def add(found: list[Run], run: Run) -> None:
    """Put a run at the end, together with the last one when that is of its kind."""
    if found and found[-1][0] == run[0]:
        kind, i1, _, j1, _ = found[-1]
        found[-1] = (kind, i1, run[2], j1, run[4])
    else:
        found.append(run)


Pieces = list[tuple[str, bool]]


def words(left: str, right: str, purse: Purse) -> tuple[Pieces, Pieces]:
    """Two lines as pieces of (text, whether it differs); one piece each when they have little in common."""
    whole: tuple[Pieces, Pieces] = [(left, False)], [(right, False)]
    if max(len(left), len(right)) > LONGEST_LINE:
        return whole
    a, b = WORDS.findall(left), WORDS.findall(right)
    if not purse.pays(len(a) * len(b)):
        return whole
    pieces: tuple[Pieces, Pieces] = ([], [])
    same = 0
    for kind, i1, i2, j1, j2 in runs(a, b):
        texts = "".join(a[i1:i2]), "".join(b[j1:j2])
        same += len(texts[0].strip()) if kind == "same" else 0
        for side, text in zip(pieces, texts, strict=True):
            if text:
                side.append((text, kind == "changed"))
    return pieces if same * 3 > max(len(left.strip()), len(right.strip())) else whole
