"""Graphs looked at in the plainest way, so that the checks do not lean on the code that they check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from graftwork.architecture import Architecture, Network, OutputNode


def reached(architecture: Architecture, start: Iterable[str], *, backwards: bool = False) -> set[str]:
    """Nodes that can be reached along the connections, those of the start included."""
    found = set(start)
    while True:
        ends = [(c.target, c.source) if backwards else (c.source, c.target) for c in architecture.connections]
        new = {end for begin, end in ends if begin in found} - found
        if not new:
            return found
        found |= new


def repeated(architecture: Architecture) -> list[tuple[str, str]]:
    """Pairs of nodes that are connected more than once."""
    pairs = [(c.source, c.target) for c in architecture.connections]
    return sorted({pair for pair in pairs if pairs.count(pair) > 1})


def affected(parent: Architecture, child: Architecture) -> set[str]:
    """New and changed networks, all downstream of them, their direct sources; all where nothing changed."""
    before, after = _served(parent), _served(child)
    changed = {
        name
        for name, node in after.items()
        if before.get(name) != node or _into(parent, name) != _into(child, name)
    }
    names = {network.name for network in child.networks}
    sources = {c.source for c in child.connections if c.target in changed}
    return names & (reached(child, changed) | sources) if changed else names


def disguised(architecture: Architecture, rng: np.random.Generator) -> Architecture:
    """The same structure: networks are called otherwise, and everything is listed in another order."""
    numbers = rng.permutation(3 * len(architecture.networks) + 1)
    names = {n.name: f"n{number}" for n, number in zip(architecture.networks, numbers.tolist(), strict=False)}
    networks = [replace(network, name=names[network.name]) for network in architecture.networks]
    connections = [
        replace(c, source=names.get(c.source, c.source), target=names.get(c.target, c.target))
        for c in architecture.connections
    ]
    return Architecture(
        inputs=tuple(reversed(architecture.inputs)),
        outputs=tuple(reversed(architecture.outputs)),
        networks=tuple(networks[index] for index in rng.permutation(len(networks))),
        connections=tuple(connections[index] for index in rng.permutation(len(connections))),
    )


def edited(architecture: Architecture, rng: np.random.Generator) -> Architecture:
    """Another structure, viable or not: a connection less, or a layer with one unit more."""
    if rng.random() < 0.5:
        dropped = int(rng.integers(len(architecture.connections)))
        kept = [c for index, c in enumerate(architecture.connections) if index != dropped]
        return replace(architecture, connections=tuple(kept))
    chosen = int(rng.integers(len(architecture.networks)))
    networks = list(architecture.networks)
    networks[chosen] = _wider(networks[chosen])
    return replace(architecture, networks=tuple(networks))


def _wider(network: Network) -> Network:
    if not network.hidden:
        return replace(network, width=network.width + 1)
    first, *others = network.hidden
    return replace(network, hidden=(replace(first, width=first.width + 1), *others))


def _served(architecture: Architecture) -> dict[str, Network | OutputNode]:
    networks = {network.name: network for network in architecture.networks}
    return networks | {output.name: output for output in architecture.outputs}


def _into(architecture: Architecture, name: str) -> set[object]:
    return {connection for connection in architecture.connections if connection.target == name}
