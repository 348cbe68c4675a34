"""A diff says what changed, exactly, and in bounded time whatever it is given."""

import random
from typing import Any

import pytest

from flows.web.blocks.block import BadBlock
from flows.web.blocks.comparing import SMALL, Purse, runs, words
from flows.web.blocks.diff import MOST_LINES, Diff, read

PATCH = """diff --git a/pay.py b/pay.py
--- a/pay.py
+++ b/pay.py
@@ -10,3 +10,4 @@ def pay():
     check()
-    send(amount)
+    send(amount, key)
+    log()
     return
"""


def diff(before: Any, after: Any) -> Diff:
    return read({"type": "diff", "before": before, "after": after})


def texts(lines: Any) -> list[str]:
    return ["".join(text for text, _ in line.pieces) for line in lines]


@pytest.mark.parametrize("seed", range(40))
def test_both_sides_come_back_whole_and_in_order(seed: int) -> None:
    chance = random.Random(seed)
    left = [chance.choice("abcdefgh") for _ in range(chance.randint(0, 60))]
    right = [chance.choice("abcdefgh") for _ in range(chance.randint(0, 60))]
    shown = diff("\n".join(left), "\n".join(right))
    assert texts(line for part in shown.parts for line in part.removed) == left
    assert texts(line for part in shown.parts for line in part.added) == right
    for part in shown.parts:
        if part.kind != "changed":
            assert texts(part.removed) == texts(part.added)


def test_lines_have_their_numbers_and_words_their_marks() -> None:
    (first, changed, last) = diff("a\nthe amount is 5\nz", "a\nthe amount is 7\nz").parts
    ((old, new),) = changed.pairs
    assert (old.number, new.number) == (2, 2)
    assert old.pieces == [("the amount is ", False), ("5", True)]
    assert new.pieces == [("the amount is ", False), ("7", True)]
    assert (first.kind, last.kind) == ("same", "same")


def test_long_unchanged_parts_are_folded_around_the_change() -> None:
    before = [str(n) for n in range(40)]
    shown = diff("\n".join(before), "\n".join([*before[:20], "new", *before[20:]]))
    assert [(p.kind, len(p.pairs)) for p in shown.parts] == [
        ("folded", 17),
        ("same", 3),
        ("changed", 1),
        ("same", 3),
        ("folded", 17),
    ]
    assert (shown.added, shown.removed) == (1, 0)
    left, right = shown.parts[-1].pairs[-1]
    assert (left and left.number, right and right.number) == (40, 41)


def test_other_json_is_compared_in_its_usual_layout() -> None:
    assert (diff({"a": 1}, {"a": 2}).added, diff(None, None).parts[0].kind) == (1, "same")


def test_a_patch_is_read_with_its_numbers() -> None:
    shown = read({"type": "diff", "unified": PATCH})
    assert [(part.kind, part.head) for part in shown.parts] == [
        ("head", "pay.py"),
        ("head", "Line 10 def pay():"),
        ("same", ""),
        ("changed", ""),
        ("same", ""),
    ]
    changed = shown.parts[3]
    assert [line.number for line in changed.removed] == [11]
    assert [line.number for line in changed.added] == [11, 12]
    assert shown.parts[4].pairs[0][1].number == 13


@pytest.mark.parametrize(
    "item",
    [{}, {"before": "a"}, {"unified": "hello"}, {"unified": 5}, {"before": "a\n" * MOST_LINES, "after": "b"}],
)
def test_what_cannot_be_drawn_says_so(item: dict[str, Any]) -> None:
    with pytest.raises(BadBlock):
        read(item)


@pytest.mark.parametrize("letters", ["ab", "abcdefghijklmnopqrstuvwxyz"])
def test_much_without_anchors_counts_as_replaced(letters: str) -> None:
    """Comparing it thoroughly would take minutes."""
    chance = random.Random(1)
    left, right = ([chance.choice(letters) for _ in range(3000)] for _ in range(2))
    assert len(runs(["first", *left], ["first", *right])) <= 3


def test_words_are_compared_until_the_purse_is_empty() -> None:
    assert words("a b", "a c", Purse(0)) == ([("a b", False)], [("a c", False)])
    assert SMALL > 1
