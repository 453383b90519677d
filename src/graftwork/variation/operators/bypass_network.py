"""Bypass a network: remove it and join its sources to its receivers."""

from __future__ import annotations

from typing import ClassVar

from graftwork.architecture import Architecture, Connection, connection_parameter
from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Tendency
from graftwork.variation.connecting import role_between
from graftwork.variation.inheritance import Origin, Zeros


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

    name: ClassVar[str] = "bypass_network"
    tendency: ClassVar[Tendency] = "reducing"

    def sites(self, architecture: Architecture) -> list[Site]:
        return [Site("network", (network.name,)) for network in architecture.networks]

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        (name,) = site.nodes
        rest = architecture.without_network(name)
        added = _bridges(rest, architecture.sources(name), architecture.receivers(name))
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


def _bridges(
    architecture: Architecture, sources: tuple[str, ...], receivers: tuple[str, ...]
) -> list[Connection]:
    bridges: list[Connection] = []
    for target in receivers:
        for source in sources:
            role = role_between(architecture, source, target)
            if role and source not in architecture.sources(target):
                bridges.append(Connection(source, target, role))
    return bridges
