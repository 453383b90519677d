"""Bypass a network: remove it and join its sources to its receivers."""

from __future__ import annotations

from typing import ClassVar

from graftwork.architecture import Architecture, Connection, connection_parameter
from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Tendency
from graftwork.variation.connecting import connection_between
from graftwork.variation.origins import Origin, Zeros


class BypassNetwork(Operator):
    """Remove a network and join its sources to its receivers where kinds allow.

    A receiver that keeps another source starts with zero weights towards the new ones, so that it loses only
    what the network gave it; a receiver that keeps none draws them fresh. The latent of a decoder counts by
    itself: it is read from stochastic sources alone.

    Source: Garciarena, Santana and Mendiburu (IEEE TNNLS 2023), `bypass`.

    Example:
        >>> from graftwork.variation import OPERATORS
        >>> OPERATORS["bypass_network"].tendency
        'reducing'
    """

    name = "bypass_network"
    tendency: ClassVar[Tendency] = "reducing"

    def sites(self, architecture: Architecture) -> list[Site]:
        return [
            Site("network", (network.name,))
            for network in architecture.networks
            if _can_go(architecture, network.name)
        ]

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        (name,) = site.nodes
        rest = architecture.without_network(name)
        added = _bridges(architecture, name)
        child = rest.with_connections(*added)
        origins: dict[str, Origin] = {
            connection_parameter(child, bridge.source, bridge.target): Zeros()
            for bridge in added
            if _still_fed(rest, bridge)
        }
        return Change(child, origins)


def _still_fed(rest: Architecture, bridge: Connection) -> bool:
    roles = {kept.role for kept in rest.incoming(bridge.target)}
    return "stochastic" in roles if bridge.role == "stochastic" else bool(roles)


def _bridges(architecture: Architecture, name: str) -> list[Connection]:
    bridges: list[Connection] = []
    for target in architecture.receivers(name):
        present = architecture.sources(target)
        for source in architecture.sources(name):
            bridge = None if source in present else connection_between(architecture, source, target)
            bridges += [bridge] if bridge else []
    return bridges


def _can_go(architecture: Architecture, name: str) -> bool:
    """Whether all that it fed is still fed, by its kind of connection, and all that fed it still feeds."""
    bridges = _bridges(architecture, name)
    kept = [c for receiver in architecture.receivers(name) for c in architecture.incoming(receiver)]
    fed = {(c.target, _need(c)) for c in (*bridges, *kept) if c.source != name}
    feeding = {bridge.source for bridge in bridges}
    return all(
        c.role == "condition" or (c.target, _need(c)) in fed for c in architecture.outgoing(name)
    ) and all(
        source in feeding
        or source not in architecture.network_names
        or len(architecture.outgoing(source)) > 1
        for source in architecture.sources(name)
    )


def _need(connection: Connection) -> str:
    """What a receiver cannot do without: a latent of its own kind, or any input."""
    return connection.role if connection.role in ("stochastic", "condition") else "input"
