"""Merge two parallel networks into one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import ClassVar

from graftwork.architecture import Architecture, Network, gain_name
from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Tendency
from graftwork.variation.fusion import computes_the_same, fused, fused_origins, receiving_origins
from graftwork.variation.origins import Fresh
from graftwork.variation.reach import before, behind

_End = tuple[str, str]
_Way = tuple[str, str]


class MergeNetworks(Operator):
    """Fuse two parallel networks of one kind, neither of which reaches the other, into one.

    Their hidden layers stand side by side, and nothing joins them at first: the weights between them are
    zero. Where one has fewer layers, further ones hand its units on. Where both feed networks, their output
    units stand side by side too, and each receiver reads those that it read; where both feed one output
    alone, the merged output layer holds both, each times its gain, and the output sums them up as before. The
    function is preserved where both have as many layers, of the same activations and residual flags, without
    normalisation and softmax, which look at all units of a layer.

    It makes one network fewer and no more connections than there were; the blocks between the two halves,
    which start at zero and can be trained, are parameters besides, so that in numbers the model can grow.
    Initialiser and dropout are those of the first network.

    Source: ours; the block-diagonal start is after the function-preserving steps of Chen, Goodfellow and
    Shlens, "Net2Net" (ICLR 2016).

    Example:
        >>> from graftwork.variation import OPERATORS
        >>> OPERATORS["merge_networks"].tendency
        'reducing'
    """

    name = "merge_networks"
    tendency: ClassVar[Tendency] = "reducing"

    def sites(self, architecture: Architecture) -> list[Site]:
        groups: dict[object, list[str]] = {}
        for network in architecture.networks:
            if (group := _group(architecture, network)) is not None:
                groups.setdefault(group, []).append(network.name)
        place = {network.name: number for number, network in enumerate(architecture.networks)}
        barred = _barred(architecture, {name: 1 << number for name, number in place.items()})
        return [
            Site("pair", (first, second))
            for group in groups.values()
            for number, first in enumerate(group)
            for second in group[number + 1 :]
            if not barred[first] >> place[second] & 1
        ]

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        first, second = site.nodes
        one, other = architecture.network(first), architecture.network(second)
        receiver = architecture.receivers(first)[0]
        output = receiver if receiver in architecture.output_names else None
        network = fused(one, other, summed=output is not None)
        child = _rewired(architecture, first, second).with_network(network)
        origins = fused_origins(architecture, child, first, second, output=output)
        if output is None:
            origins |= receiving_origins(architecture, child, first, second)
        else:
            origins[gain_name(output, first)] = Fresh()
        return Change(child, origins, preserves=computes_the_same(one, other))


def _group(architecture: Architecture, network: Network) -> object:
    """What two networks must have in common to be merged; none where a network cannot be at all."""
    name, receivers = network.name, architecture.receivers(network.name)
    connections = (*architecture.incoming(name), *architecture.outgoing(name))
    if network.kind not in ("regressor", "discretizer") or any(c.role == "residual" for c in connections):
        return None
    common = network.kind, architecture.carries[name], bool(network.hidden)
    if network.kind == "regressor" and architecture.network_names.issuperset(receivers):
        return (*common, None)
    feeds_one_output = len(receivers) == 1 and receivers[0] in architecture.output_names
    return (*common, receivers[0]) if feeds_one_output else None


def _barred(architecture: Architecture, bits: Mapping[str, int]) -> dict[str, int]:
    """For each network the bits of those that it reaches, that reach it, or that connect otherwise."""
    after, earlier = behind(architecture, bits), before(architecture, bits)
    ends: list[tuple[str, _End, _Way]] = []
    for c in architecture.connections:
        ends.append((c.target, ("source", c.source), (c.role, c.reading)))
        ends.append((c.source, ("receiver", c.target), (c.role, c.reading)))
    other = _connected_otherwise([end for end in ends if end[0] in bits], bits)
    return {name: after[name] | earlier[name] | other.get(name, 0) for name in bits}


def _connected_otherwise(ends: Iterable[tuple[str, _End, _Way]], bits: Mapping[str, int]) -> dict[str, int]:
    """For each network the bits of those that share a source or a receiver with it, in another way."""
    everyone: dict[_End, int] = {}
    alike: dict[tuple[_End, _Way], int] = {}
    for name, end, way in ends:
        everyone[end] = everyone.get(end, 0) | bits[name]
        alike[end, way] = alike.get((end, way), 0) | bits[name]
    found: dict[str, int] = {}
    for name, end, way in ends:
        found[name] = found.get(name, 0) | everyone[end] & ~alike[end, way]
    return found


def _rewired(architecture: Architecture, first: str, second: str) -> Architecture:
    """Without the second network, whose sources and receivers the first one has besides its own."""
    sources = [replace(c, target=first) for c in architecture.incoming(second)]
    receivers = [replace(c, source=first) for c in architecture.outgoing(second)]
    added = [c for c in (*sources, *receivers) if c not in architecture.connections]
    return architecture.without_network(second).with_connections(*added)
