"""`{"type": "diff", "before": …, "after": …}`, or `"unified"`: the text of a patch.

Shown side by side and inline from the same parts.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext

from flows.web.blocks.block import BadBlock, text_in, word_in
from flows.web.blocks.comparing import Purse, runs, words

AROUND = 3  # unchanged lines that stay beside a change
FOLDED = 4  # unchanged lines that are worth folding
MOST_LINES = 6_000  # both sides together
HUNK = re.compile(r"@@ -(\d{1,9})(?:,\d{1,9})? \+(\d{1,9})(?:,\d{1,9})? @@(.*)")
HEADS = ("diff ", "index ", "new file", "deleted file", "similarity ", "rename ", "old mode", "new mode")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of one side: `number` from 1, `pieces` of (text, whether it differs from the other side)."""

    number: int
    pieces: list[tuple[str, bool]]


Pair = tuple[Line | None, Line | None]


@dataclass(slots=True)
class Part:
    """Some lines: `kind` is "same", "folded" or "changed"; or "head" with the words of a heading."""

    kind: str
    pairs: list[Pair] = field(default_factory=list)
    head: str = ""

    @property
    def removed(self) -> list[Line]:
        return [left for left, _ in self.pairs if left]

    @property
    def added(self) -> list[Line]:
        return [right for _, right in self.pairs if right]


@dataclass(frozen=True, slots=True)
class Diff:
    name: str
    before: str
    after: str
    parts: list[Part]

    @property
    def added(self) -> int:
        return sum(len(part.added) for part in self.parts if part.kind == "changed")

    @property
    def removed(self) -> int:
        return sum(len(part.removed) for part in self.parts if part.kind == "changed")


def read(item: dict[str, Any]) -> Diff:
    names = (
        word_in(item, "name"),
        word_in(item, "before_label", gettext("Before")),
        word_in(item, "after_label", gettext("After")),
    )
    if "unified" in item:
        return Diff(*names, list(unified(text_in(item, "unified", "diff"))))
    if "before" not in item or "after" not in item:
        raise BadBlock(gettext("A diff needs “before” and “after”, or “unified”."))
    return Diff(*names, compared(as_text(item["before"]), as_text(item["after"])))


def between(before: Any, after: Any) -> Diff:
    """The diff of two values as JSON; raises BadBlock when they are too long."""
    return Diff("", gettext("Before"), gettext("After"), compared(as_text(before), as_text(after)))


def as_text(value: Any) -> str:
    """Text as it is; any other JSON in its usual layout."""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def compared(before: str, after: str) -> list[Part]:
    left, right = lines_of(before), lines_of(after)
    if len(left) + len(right) > MOST_LINES:
        raise BadBlock(gettext("These texts are too long to be compared line by line."))
    parts: list[Part] = []
    purse = Purse()
    for kind, i1, i2, j1, j2 in runs(left, right):
        if kind == "changed":
            parts.append(Part("changed", changed(left[i1:i2], right[j1:j2], (i1 + 1, j1 + 1), purse)))
        else:
            pairs = [same(left[n], n + 1, n - i1 + j1 + 1) for n in range(i1, i2)]
            parts += folded(pairs, at_start=i1 == 0, at_end=i2 == len(left))
    return parts


def lines_of(text: str) -> list[str]:
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def same(text: str, old: int, new: int) -> Pair:
    return Line(old, [(text, False)]), Line(new, [(text, False)])


def changed(removed: list[str], added: list[str], start: tuple[int, int], purse: Purse) -> list[Pair]:
    """Changed lines side by side, numbered from `start`, the shorter side with gaps at its end."""
    pairs: list[Pair] = []
    for n in range(max(len(removed), len(added))):
        left = removed[n] if n < len(removed) else None
        right = added[n] if n < len(added) else None
        pieces = [(left or "", False)], [(right or "", False)]
        if left is not None and right is not None:
            pieces = words(left, right, purse)
        old = None if left is None else Line(start[0] + n, pieces[0])
        new = None if right is None else Line(start[1] + n, pieces[1])
        pairs.append((old, new))
    return pairs


def folded(pairs: list[Pair], *, at_start: bool, at_end: bool) -> list[Part]:
    """Unchanged lines, those far from any change in a part of their own."""
    first, last = (0 if at_start else AROUND), (0 if at_end else AROUND)
    inner = pairs[first : len(pairs) - last]
    if len(inner) < FOLDED:
        return [Part("same", pairs)]
    parts = [Part("same", pairs[:first]), Part("folded", inner), Part("same", pairs[len(pairs) - last :])]
    return [part for part in parts if part.pairs]


def unified(text: str) -> Iterator[Part]:
    """The parts of a patch; raises BadBlock for what is none."""
    lines = lines_of(text)
    if len(lines) > MOST_LINES:
        raise BadBlock(gettext("This patch is too long to be drawn."))
    if not any(HUNK.match(line) for line in lines):
        raise BadBlock(
            gettext("“unified” is not the text of a patch: it has no line such as “@@ -1,4 +1,5 @@”.")
        )
    patch = Patch()
    for line in lines:
        yield from patch.take(line)
    yield from patch.flush()


@dataclass(slots=True)
class Patch:
    """Reads a patch line by line; `take` gives the parts that are complete by then."""

    old: int = 0
    new: int = 0
    inside: bool = False
    removed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    kept: list[Pair] = field(default_factory=list)
    purse: Purse = field(default_factory=Purse)

    def take(self, line: str) -> Iterator[Part]:
        mark, text = line[:1], line[1:]
        if found := HUNK.match(line):
            yield from self.flush()
            self.old, self.new, self.inside = int(found[1]), int(found[2]), True
            yield Part("head", head=gettext("Line %(number)s") % {"number": found[2]} + found[3])
        elif not self.inside or line.startswith(HEADS):
            yield from self.headed(line)
        elif mark == "-":
            yield from self.flush_kept()
            self.removed.append(text)
        elif mark == "+":
            yield from self.flush_kept()
            self.added.append(text)
        elif mark != "\\":
            yield from self.flush_changed()
            self.kept.append(same(text, self.old, self.new))
            self.old, self.new = self.old + 1, self.new + 1

    def headed(self, line: str) -> Iterator[Part]:
        yield from self.flush()
        self.inside = False
        if line.startswith("+++ "):
            yield Part("head", head=line[4:].removeprefix("b/"))

    def flush(self) -> Iterable[Part]:
        return [*self.flush_changed(), *self.flush_kept()]

    def flush_changed(self) -> Iterable[Part]:
        if not (self.removed or self.added):
            return []
        part = Part("changed", changed(self.removed, self.added, (self.old, self.new), self.purse))
        self.old, self.new = self.old + len(self.removed), self.new + len(self.added)
        self.removed, self.added = [], []
        return [part]

    def flush_kept(self) -> Iterable[Part]:
        part, self.kept = Part("same", self.kept), []
        return [part] if part.pairs else []
