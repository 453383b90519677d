"""Add a connection between two nodes that are not yet connected."""

from __future__ import annotations

from typing import ClassVar, Literal

from graftwork.architecture import Architecture, Network, OutputNode, connection_parameter, source_size
from graftwork.errors import InputError
from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Tendency
from graftwork.variation.connecting import connection_between
from graftwork.variation.origins import Fresh, Origin, Zeros
from graftwork.variation.reach import behind

FreshWeights = Literal["preserving", "random"]


class AddConnection(Operator):
    """A new connection between compatible nodes, without a cycle.

    The new weights (towards an output: the gain) start at zero, so the function is preserved.

    Source: Garciarena, Santana and Mendiburu (IEEE TNNLS 2023), `add_con`; the zero start is ours.

    Args:
        fresh_weights: `random` draws the new weights as a fresh network's are drawn, which is what the paper
            does; the operator is then called `add_connection_random`.

    Raises:
        InputError: `fresh_weights` is something else.

    Example:
        >>> from graftwork.variation import OPERATORS
        >>> OPERATORS["add_connection"].tendency
        'increasing'
    """

    tendency: ClassVar[Tendency] = "increasing"

    def __init__(self, *, fresh_weights: FreshWeights = "preserving") -> None:
        self.fresh_weights = checked(fresh_weights)
        self.name = "add_connection" if fresh_weights == "preserving" else "add_connection_random"

    def sites(self, architecture: Architecture) -> list[Site]:
        names = [*(node.name for node in architecture.inputs), *(node.name for node in architecture.networks)]
        bits = {name: 1 << number for number, name in enumerate(names)}
        reached = behind(architecture, bits)
        fitting: dict[object, list[str]] = {}
        sites: list[Site] = []
        targets: list[Network | OutputNode] = [*architecture.networks, *architecture.outputs]
        for node in targets:
            # What can feed a node depends on its kind alone, so that few pairs have to be judged.
            key = _group(architecture, node) if isinstance(node, Network) else node.name
            if key not in fitting:
                fitting[key] = [name for name in names if connection_between(architecture, name, node.name)]
            barred = reached.get(node.name, 0)
            for source in architecture.sources(node.name):
                barred |= bits[source]
            sites += [
                Site("pair", (source, node.name)) for source in fitting[key] if not barred & bits[source]
            ]
        return sites

    def _is_site(self, architecture: Architecture, site: Site) -> bool:
        if site.kind != "pair" or len(site.nodes) != 2 or not architecture.by_name.keys() >= set(site.nodes):
            return False
        source, target = site.nodes
        return (
            site == Site("pair", site.nodes)
            and connection_between(architecture, source, target) is not None
            and source not in architecture.sources(target)
            and target not in architecture.upstream(frozenset({source}))
        )

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        source, target = site.nodes
        connection = connection_between(architecture, source, target)
        assert connection is not None
        child = architecture.with_connections(connection)
        preserves = self.fresh_weights == "preserving"
        origin: Origin = Zeros() if preserves else Fresh()
        return Change(child, {connection_parameter(child, source, target): origin}, preserves=preserves)


def checked(fresh_weights: FreshWeights) -> FreshWeights:
    """`fresh_weights`, or a refusal of what is none."""
    if fresh_weights not in ("preserving", "random"):
        raise InputError(f"fresh_weights must be 'preserving' or 'random', got {fresh_weights!r}")
    return fresh_weights


def _group(architecture: Architecture, network: Network) -> object:
    if network.kind == "convolutional_encoder":
        return network.kind, source_size(architecture, network)
    return "network", network.kind
