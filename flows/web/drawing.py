"""Where each step of a flow stands in its drawing, from top to bottom.

The usual four passes for layered graphs (Sugiyama, Tagawa and Toda 1981): rank, bend long ways,
order each rank by its neighbours, place. Ways that lead back (none in a flow today) are not needed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from flows import engine

WIDTH, HEIGHT = 138, 36
GAP, DROP = 14, 30  # between neighbours of a rank, between ranks
SMALL = {"start": 18, "event": 122, "choice": 92, "choices": 92, "for_each": 92}
SWEEPS = 8
LONGEST_LABEL = 19
NARROW = 320  # what fits beside other things

Key = str | tuple[str, str, int]  # a node, or the bend of a way (source, target, rank)


@dataclass(frozen=True, slots=True)
class Box:
    """A node: its left top corner, its size, and what is written in it."""

    x: int
    y: int
    width: int
    label: str
    title: str
    kind: str
    status: str

    height = HEIGHT

    @property
    def middle(self) -> int:
        return self.x + self.width // 2

    @property
    def baseline(self) -> int:
        return self.y + HEIGHT // 2


@dataclass(frozen=True, slots=True)
class Line:
    """A way as an SVG path; `label` stands at (x, y)."""

    path: str
    label: str
    x: int
    y: int
    taken: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    boxes: list[Box]
    lines: list[Line]
    width: int
    height: int

    @property
    def is_wide(self) -> bool:
        return self.width > NARROW


def draw(drawn: engine.Diagram, statuses: Mapping[str, str]) -> Drawing:
    """The drawing of a flow; `statuses` of its steps by id (done, running, waiting, failed, todo)."""
    ranks = ranked(drawn)
    chains = {(way.source, way.target): bent(way, ranks) for way in drawn.ways}
    rows = ordered(rows_of(ranks, chains), chains)
    centres = placed(rows, chains)
    left = min(centre - WIDTH / 2 for centre in centres.values()) if centres else 0
    tops = {key: number * (HEIGHT + DROP) for number, row in enumerate(rows) for key in row}
    spots = {key: (round(centre - left), tops[key]) for key, centre in centres.items()}
    boxes = [box(node, spots[node.id], statuses.get(node.id, "todo")) for node in drawn.nodes]
    return Drawing(
        boxes=boxes,
        lines=[line(way, chains[way.source, way.target], spots, statuses) for way in drawn.ways],
        width=max((x for x, _ in spots.values()), default=0) + WIDTH // 2,
        height=len(rows) * (HEIGHT + DROP) - DROP,
    )


# -- rank ----------------------------------------------------------------------------------------
def ranked(drawn: engine.Diagram) -> dict[str, int]:
    """The rank of each node: one below the lowest that leads to it."""
    ranks = {node.id: 0 for node in drawn.nodes}
    for _ in ranks:
        for way in drawn.ways:
            ranks[way.target] = max(ranks[way.target], min(ranks[way.source] + 1, len(ranks)))
    return ranks


def bent(way: engine.Way, ranks: Mapping[str, int]) -> list[Key]:
    """The nodes that a way touches, with a bend on each rank in between."""
    between = range(ranks[way.source] + 1, ranks[way.target])
    return [way.source, *((way.source, way.target, rank) for rank in between), way.target]


def rows_of(ranks: Mapping[str, int], chains: Mapping[tuple[str, str], list[Key]]) -> list[list[Key]]:
    rows: list[list[Key]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for node, rank in ranks.items():
        rows[rank].append(node)
    for chain in chains.values():
        for key in chain[1:-1]:
            rows[int(key[2])].append(key)
    return rows


# -- order and place --------------------------------------------------------------------------------
def neighbours(chains: Iterable[list[Key]], *, above: bool) -> dict[Key, list[Key]]:
    """Each node's neighbours in the rank above, or below."""
    found: dict[Key, list[Key]] = {}
    for chain in chains:
        for upper, lower in pairwise(chain):
            key, other = (lower, upper) if above else (upper, lower)
            found.setdefault(key, []).append(other)
    return found


def ordered(rows: list[list[Key]], chains: Mapping[tuple[str, str], list[Key]]) -> list[list[Key]]:
    """Sort each rank by the mean place of its neighbours, sweeping down and up."""
    for sweep in range(SWEEPS):
        near = neighbours(chains.values(), above=sweep % 2 == 0)
        for row in rows if sweep % 2 == 0 else reversed(rows):
            place = {key: index for other in rows for index, key in enumerate(other)}
            row.sort(key=lambda key: mean([place[n] for n in near.get(key, [key])]))
    return rows


def placed(rows: list[list[Key]], chains: Mapping[tuple[str, str], list[Key]]) -> dict[Key, float]:
    """The middle of each node: near its neighbours, and apart from those beside it."""
    step = WIDTH + GAP
    centres = {key: (index - (len(row) - 1) / 2) * step for row in rows for index, key in enumerate(row)}
    for sweep in range(SWEEPS):
        near = neighbours(chains.values(), above=sweep % 2 == 0)
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wanted = [mean([centres[n] for n in near.get(key, [key])]) for key in row]
            spread = apart(wanted, step)
            centres.update(zip(row, spread, strict=True))
    return centres


def apart(wanted: list[float], step: float) -> list[float]:
    """As near to the wanted places as a distance of `step` between neighbours allows."""
    pushed = list(wanted)
    for index in range(1, len(pushed)):
        pushed[index] = max(pushed[index], pushed[index - 1] + step)
    shift = mean([p - w for p, w in zip(pushed, wanted, strict=True)])
    return [place - shift for place in pushed]


def mean(values: list[float] | list[int]) -> float:
    return sum(values) / len(values) if values else 0.0


# -- what is drawn --------------------------------------------------------------------------------
def box(node: engine.Node, spot: tuple[int, int], status: str) -> Box:
    width = SMALL.get(node.kind, WIDTH)
    spoken = node.label.replace("_", " ")
    title = spoken[:1].upper() + spoken[1:] if node.kind in ("chunk", "sub_flow") else spoken
    limit = LONGEST_LABEL * width // WIDTH
    label = title if len(title) <= limit else title[: limit - 1] + "…"
    return Box(
        spot[0] - width // 2, spot[1], width, "" if node.kind == "start" else label, title, node.kind, status
    )


def line(
    way: engine.Way, chain: list[Key], spots: Mapping[Key, tuple[int, int]], statuses: Mapping[str, str]
) -> Line:
    x, y = spots[chain[0]]
    y += HEIGHT // 2 if way.source == "$start" else HEIGHT
    path = f"M{x} {y}"
    for key in chain[1:]:
        to_x, to_y = spots[key]
        half = DROP // 2
        path += f" C{x} {y + half} {to_x} {to_y - half} {to_x} {to_y}"
        x, y = to_x, to_y
        if key != chain[-1]:
            y += HEIGHT
            path += f" L{x} {y}"
    first = spots[chain[1]]
    taken = statuses.get(way.target, "todo") != "todo" and statuses.get(way.source, "done") == "done"
    label_x = (spots[chain[0]][0] + first[0]) // 2
    return Line(path, way.label.replace("_", " "), label_x, first[1] - DROP // 2, taken)
