"""Where the boxes of a drawing stand: in ranks from left to right, long edges in lanes of their own."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from graftwork.architecture._graph import Architecture, Connection

BOX_WIDTH = 184.0
COLUMN_GAP = 84.0
_BOX_GAP, _LANE_GAP, _LANE_HEIGHT = 26.0, 12.0, 8.0
_SWEEPS = 12

Point = tuple[float, float]
# A node by its name, or the lane in which one source's connections of one role pass a rank.
_Item = tuple[str, int, str]


@dataclass(frozen=True)
class Layout:
    """Left upper corners of boxes, the points each connection passes, and the size of it all, in pixels."""

    corners: Mapping[str, Point]
    routes: Mapping[Connection, tuple[Point, ...]]
    width: float
    height: float


def arrange(architecture: Architecture, heights: Mapping[str, float]) -> Layout:
    """Lay out a viable architecture, given how high each node's box is.

    Source: Sugiyama, Tagawa and Toda (1981): ranks, barycentres, lanes for long edges. A connection's route
    goes through the middles of box and lane sides; between two ranks it meets no box.
    """
    ranks = _ranks(architecture)
    paths = {c: _path(c, ranks) for c in architecture.connections}
    segments = sorted({pair for path in paths.values() for pair in pairwise(path)})
    columns = _ordered(_columns(architecture, ranks, paths), segments)
    sizes = {
        item: heights[item[0]] if item[2] == "" else _LANE_HEIGHT for column in columns for item in column
    }
    middles = _middles(columns, segments, sizes)
    corners = {
        name: (_left(rank), middles[name, rank, ""] - heights[name] / 2) for name, rank in ranks.items()
    }
    return Layout(
        corners=corners,
        routes=_routes(paths, middles, heights),
        width=_left(max(ranks.values())) + BOX_WIDTH,
        height=max(middles[item] + size / 2 for item, size in sizes.items()),
    )


def _ranks(architecture: Architecture) -> dict[str, int]:
    ranks = {node.name: 0 for node in architecture.inputs}
    for name in architecture.order:
        ranks[name] = 1 + max(ranks[source] for source in architecture.sources(name))
    last = 1 + max(ranks.values(), default=0)
    return ranks | {node.name: last for node in architecture.outputs}


def _path(connection: Connection, ranks: Mapping[str, int]) -> tuple[_Item, ...]:
    first, last = ranks[connection.source], ranks[connection.target]
    lanes = [(connection.source, rank, str(connection.role)) for rank in range(first + 1, last)]
    return ((connection.source, first, ""), *lanes, (connection.target, last, ""))


def _columns(
    architecture: Architecture, ranks: Mapping[str, int], paths: Mapping[Connection, tuple[_Item, ...]]
) -> list[list[_Item]]:
    columns: list[list[_Item]] = [[] for _ in range(max(ranks.values()) + 1)]
    for name in architecture.by_name:
        columns[ranks[name]].append((name, ranks[name], ""))
    for item in sorted({item for path in paths.values() for item in path if item[2] != ""}):
        columns[item[1]].append(item)
    return columns


def _ordered(columns: list[list[_Item]], segments: Sequence[tuple[_Item, _Item]]) -> list[list[_Item]]:
    before, after = _neighbours(segments)
    best, fewest = [list(column) for column in columns], _crossings(columns, segments)
    for sweep in range(_SWEEPS):
        columns = [list(column) for column in columns]
        forward = sweep % 2 == 0
        for index in range(len(columns)) if forward else reversed(range(len(columns))):
            _sort_by_barycentre(columns, index, before if forward else after, -1 if forward else 1)
        crossings = _crossings(columns, segments)
        if crossings < fewest:
            best, fewest = columns, crossings
    return best


def _neighbours(
    segments: Sequence[tuple[_Item, _Item]],
) -> tuple[dict[_Item, list[_Item]], dict[_Item, list[_Item]]]:
    before: dict[_Item, list[_Item]] = {}
    after: dict[_Item, list[_Item]] = {}
    for source, target in segments:
        before.setdefault(target, []).append(source)
        after.setdefault(source, []).append(target)
    return before, after


def _sort_by_barycentre(
    columns: list[list[_Item]], index: int, neighbours: Mapping[_Item, list[_Item]], step: int
) -> None:
    if not 0 <= index + step < len(columns):
        return
    places = {item: place for place, item in enumerate(columns[index + step])}
    own = {item: float(place) for place, item in enumerate(columns[index])}
    columns[index].sort(
        key=lambda item: _mean([float(places[n]) for n in neighbours.get(item, ())], own[item])
    )


def _crossings(columns: Sequence[Sequence[_Item]], segments: Sequence[tuple[_Item, _Item]]) -> int:
    places = {item: place for column in columns for place, item in enumerate(column)}
    count = 0
    ends: dict[int, list[int]] = {}
    for source, target in sorted(segments, key=lambda pair: (pair[0][1], places[pair[0]], places[pair[1]])):
        passed = ends.setdefault(source[1], [])
        count += len(passed) - bisect_right(passed, places[target])
        insort(passed, places[target])
    return count


def _middles(
    columns: Sequence[Sequence[_Item]],
    segments: Sequence[tuple[_Item, _Item]],
    sizes: Mapping[_Item, float],
) -> dict[_Item, float]:
    before, after = _neighbours(segments)
    middles = {item: 0.0 for column in columns for item in column}
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            wished = [
                _mean([middles[n] for n in (*before.get(item, ()), *after.get(item, ()))], middles[item])
                for item in column
            ]
            middles |= dict(zip(column, _apart(wished, [sizes[item] for item in column]), strict=True))
    top = min(middles[item] - size / 2 for item, size in sizes.items())
    return {item: middle - top for item, middle in middles.items()}


def _apart(wished: Sequence[float], sizes: Sequence[float]) -> list[float]:
    """The places nearest to those wished for, in least squares, at which boxes do not overlap."""
    offsets = [0.0]
    for above, below in pairwise(sizes):
        gap = _LANE_GAP if _LANE_HEIGHT in (above, below) else _BOX_GAP
        offsets.append(offsets[-1] + (above + below) / 2 + gap)
    # Isotonic regression by pooling adjacent violators: blocks of [mean, count].
    blocks: list[tuple[float, int]] = []
    for wish, offset in zip(wished, offsets, strict=True):
        mean, count = wish - offset, 1
        while blocks and blocks[-1][0] >= mean:
            other, more = blocks.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        blocks.append((mean, count))
    flat = [mean for mean, count in blocks for _ in range(count)]
    return [place + offset for place, offset in zip(flat, offsets, strict=True)]


def _routes(
    paths: Mapping[Connection, tuple[_Item, ...]],
    middles: Mapping[_Item, float],
    heights: Mapping[str, float],
) -> dict[Connection, tuple[Point, ...]]:
    arriving: dict[str, list[Connection]] = {}
    for connection, path in sorted(paths.items(), key=lambda pair: (middles[pair[1][-2]], pair[0])):
        arriving.setdefault(path[-1][0], []).append(connection)
    routes: dict[Connection, tuple[Point, ...]] = {}
    for target, connections in arriving.items():
        for place, connection in enumerate(connections):
            path = paths[connection]
            share = (place + 1) / (len(connections) + 1) - 0.5
            points = [(_left(path[0][1]) + BOX_WIDTH, middles[path[0]])]
            for lane in path[1:-1]:
                points += [(_left(lane[1]), middles[lane]), (_left(lane[1]) + BOX_WIDTH, middles[lane])]
            points.append((_left(path[-1][1]), middles[path[-1]] + share * heights[target] * 0.7))
            routes[connection] = tuple(points)
    return routes


def _left(rank: int) -> float:
    return rank * (BOX_WIDTH + COLUMN_GAP)


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
