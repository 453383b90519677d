"""A hash of the structure alone: blind to names of networks and to the order of anything."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import astuple
from typing import Any

from graftwork.architecture._graph import Architecture, Network

_MOST_TIED = 64

_Links = dict[int, list[tuple[int, int, str]]]


def canonical_hash(architecture: Architecture) -> str:
    """SHA-256 of an architecture's structure, as hexadecimal digits.

    Equal for architectures that differ only in what their networks are called and in which order things are
    listed; any change of structure changes it, save in graphs of so high a symmetry as no search makes. Names
    of inputs and outputs count: they are the problem's.

    Nodes are coloured by what they are and refined by the colours of their neighbours until nothing changes
    (Weisfeiler and Leman, 1968). Where nodes stay tied that are not mere twins, each is singled out in turn
    and refinement repeated, which tells apart graphs that plain refinement cannot, though not all: strongly
    regular ones of one kind, and rings of more than 64 ties, from which on they are left as they are, can
    share a hash. The time is linear in the size of the graph but for such ties.

    Example:
        >>> from graftwork.architecture import Architecture, InputNode
        >>> age, size = InputNode("age", 1), InputNode("size", 1)
        >>> one, other = (Architecture(inputs, (), (), ()) for inputs in ((age, size), (size, age)))
        >>> canonical_hash(one) == canonical_hash(other)
        True
    """
    graph = _Graph(architecture)
    colours = graph.refined(_ranked(graph.labels))
    parts: list[object] = [graph.certificate(colours)]
    tied = graph.tied(colours)
    if len(tied) <= _MOST_TIED:
        parts += sorted(graph.certificate(graph.refined(_singled_out(colours, node))) for node in tied)
    return _digest(parts)


class _Graph:
    """Numbered nodes with sortable labels, and their links in both directions."""

    def __init__(self, architecture: Architecture) -> None:
        numbers = {name: number for number, name in enumerate(architecture.by_name)}
        self.labels = _labels(architecture)
        self.links: list[list[tuple[int, int, str]]] = [[] for _ in numbers]
        for connection in architecture.connections:
            source, target = numbers[connection.source], numbers[connection.target]
            kind = f"{connection.role} {connection.reading}"
            self.links[target].append((source, 0, kind))
            self.links[source].append((target, 1, kind))

    def refined(self, colours: Sequence[int]) -> list[int]:
        """The coarsest colouring in which nodes of one colour have neighbours of the same colours."""
        count, colours = len(set(colours)), list(colours)
        while True:
            colours = _ranked([(colour, self._around(node, colours)) for node, colour in enumerate(colours)])
            if len(set(colours)) == count:
                return colours
            count = len(set(colours))

    def certificate(self, colours: Sequence[int]) -> str:
        """All labels and links, told by colour: the whole graph, where every node has its own."""
        rows = [
            (colour, self.labels[node], self._around(node, colours)) for node, colour in enumerate(colours)
        ]
        return _digest(sorted(rows))

    def tied(self, colours: Sequence[int]) -> list[int]:
        """Nodes that share their colour with one that is not linked to the very same nodes."""
        groups: dict[int, list[int]] = {}
        for node, colour in enumerate(colours):
            groups.setdefault(colour, []).append(node)
        return [
            node
            for group in groups.values()
            if len(group) > 1 and len({frozenset(self.links[node]) for node in group}) > 1
            for node in group
        ]

    def _around(self, node: int, colours: Sequence[int]) -> tuple[tuple[int, int, str], ...]:
        return tuple(sorted((colours[other], way, role) for other, way, role in self.links[node]))


def _labels(architecture: Architecture) -> list[str]:
    # The longest way from an input and to an output tell most nodes apart before any refinement.
    depth = _depths(architecture, architecture.order, architecture.sources)
    height = _depths(architecture, architecture.order[::-1], architecture.receivers)
    labels = []
    for name, node in architecture.by_name.items():
        fields: tuple[Any, ...] = astuple(node)
        own = (*fields[1:-1], _plain(fields[-1])) if isinstance(node, Network) else fields
        labels.append(repr((type(node).__name__, own, depth.get(name, 0), height.get(name, 0))))
    return labels


def _plain(dropout: object) -> object:
    """Equal shares alike, also 0, 0.0 and -0.0."""
    return dropout + 0.0 if isinstance(dropout, int | float) else dropout


def _depths(architecture: Architecture, order: Sequence[str], step: Any) -> Mapping[str, int]:
    depths: dict[str, int] = {}
    for name in order:
        depths[name] = 1 + max((depths.get(other, 0) for other in step(name)), default=0)
    return depths


def _ranked(keys: Sequence[Hashable]) -> list[int]:
    ranks = {key: rank for rank, key in enumerate(sorted(set(keys)))}  # type: ignore[type-var]
    return [ranks[key] for key in keys]


def _singled_out(colours: Sequence[int], node: int) -> list[int]:
    return _ranked([(colour, other == node) for other, colour in enumerate(colours)])


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()
