"""Graft a network of another model: crossover."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar

from graftwork.architecture import (
    Architecture,
    Connection,
    Network,
    OutputNode,
    connection_parameter,
)
from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Tendency
from graftwork.variation.connecting import connection_between
from graftwork.variation.inheritance import network_parameters
from graftwork.variation.origins import Grafted, Origin, Zeros


class GraftNetwork(Operator):
    """Transplant a network of another model, the donor, with its weights.

    It reads what it read where the recipient has that too: a model input that is the same in both, or a
    network of the same name, kind, width and shape that carries the same. Other sources are left out; a
    network of which no source is met, or not one whose values it adds to its own, is not grafted, and neither
    are decoders. The recipient's new weights towards it (towards an output: the gain) start at zero, so that
    the function is preserved and training decides what becomes of it.

    Source: crossover that matches by name is after Stanley and Miikkulainen, "Evolving Neural Networks
    through Augmenting Topologies" (Evolutionary Computation 10(2), 2002); the zero start is ours.

    Args:
        donor: The architecture of the other model; without one there are no sites.

    Example:
        >>> import graftwork as gw
        >>> problem, space = gw.load_problem("digits"), gw.SearchSpace.modern()
        >>> donor, recipient = (gw.random_architecture(problem, space, seed=seed) for seed in (1, 2))
        >>> graft = GraftNetwork(donor)
        >>> variation = graft.apply(recipient, graft.sites(recipient)[0], seed=0)
        >>> model = gw.build(recipient, seed=2)
        >>> child = gw.inherit(model, variation, seed=0, donor=gw.build(donor, seed=1))
        >>> len(child.architecture.networks) - len(recipient.networks)
        1
    """

    name = "graft_network"
    tendency: ClassVar[Tendency] = "increasing"

    def __init__(self, donor: Architecture | None = None) -> None:
        self.donor = donor

    def sites(self, architecture: Architecture) -> list[Site]:
        networks = self.donor.networks if self.donor else ()
        return [
            Site("graft", (network.name, connection.target))
            for network in networks
            for connection in self._connections(architecture, network)
        ]

    def _is_site(self, architecture: Architecture, site: Site) -> bool:
        if self.donor is None or len(site.nodes) != 2 or site.nodes[0] not in self.donor.network_names:
            return False
        connections = self._connections(architecture, self.donor.network(site.nodes[0]))
        return site in [Site("graft", (site.nodes[0], connection.target)) for connection in connections]

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        assert self.donor is not None
        name, receiver = site.nodes
        new = architecture.fresh_name()
        grafted = _with_graft(self.donor, architecture, self.donor.network(name))
        assert grafted is not None
        connection = connection_between(grafted, new, receiver)
        assert connection is not None
        child = grafted.with_connections(connection)
        origins: dict[str, Origin] = {
            parameter: Grafted(parameter.replace(f"networks.{new}.", f"networks.{name}.", 1))
            for parameter in network_parameters(child, new)
        }
        return Change(child, origins | {connection_parameter(child, new, receiver): Zeros()}, preserves=True)

    def _connections(self, architecture: Architecture, network: Network) -> Iterator[Connection]:
        """Those by which the recipient could read the network of the donor, each without a cycle."""
        assert self.donor is not None
        grafted, new = _with_graft(self.donor, architecture, network), architecture.fresh_name()
        if grafted is None:
            return
        upstream = grafted.upstream(frozenset({new}))
        nodes: list[Network | OutputNode] = [*architecture.networks, *architecture.outputs]
        for node in nodes:
            if node.name not in upstream and (connection := connection_between(grafted, new, node.name)):
                yield connection


def _with_graft(donor: Architecture, recipient: Architecture, network: Network) -> Architecture | None:
    """The recipient with the donor's network, which nothing reads yet; none where its sources are not met."""
    name, into = recipient.fresh_name(), donor.incoming(network.name)
    met = [c for c in into if _is_met(donor, recipient, c.source)]
    lost = any(c.role == "residual" and c not in met for c in into)
    if network.is_decoder or lost or not met:
        return None
    sources = [replace(c, target=name) for c in met]
    grafted = recipient.with_network(replace(network, name=name)).with_connections(*sources)
    return grafted if grafted.carries[name] == donor.carries[network.name] else None


def _is_met(donor: Architecture, recipient: Architecture, source: str) -> bool:
    """Whether the recipient has a node that can stand for a source of the donor's."""
    theirs, ours = donor.by_name[source], recipient.by_name.get(source)
    if not isinstance(theirs, Network):
        return ours == theirs
    return (
        isinstance(ours, Network)
        and (ours.kind, ours.width, ours.shape) == (theirs.kind, theirs.width, theirs.shape)
        and recipient.carries[source] == donor.carries[source]
    )
