"""Add a connection between two nodes that are not yet connected."""

from __future__ import annotations

from typing import ClassVar

from graftwork.architecture import Architecture, Connection, connection_parameter
from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Tendency
from graftwork.variation.connecting import role_between
from graftwork.variation.inheritance import Zeros


class AddConnection(Operator):
    """A new connection between compatible nodes, without a cycle.

    The new weights (towards an output: the gain) start at zero, so the function is preserved.

    Source: Garciarena, Santana and Mendiburu (IEEE TNNLS 2023), `add_con`; the zero start is ours.

    Example:
        >>> from graftwork.variation import OPERATORS
        >>> OPERATORS["add_connection"].tendency
        'increasing'
    """

    name: ClassVar[str] = "add_connection"
    tendency: ClassVar[Tendency] = "increasing"

    def sites(self, architecture: Architecture) -> list[Site]:
        sites: list[Site] = []
        networks = [node.name for node in architecture.networks]
        sources = [*(node.name for node in architecture.inputs), *networks]
        for target in [*networks, *(node.name for node in architecture.outputs)]:
            barred = architecture.downstream(frozenset({target})) | set(architecture.sources(target))
            sites += [
                Site("pair", (source, target))
                for source in sources
                if source not in barred and role_between(architecture, source, target)
            ]
        return sites

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        source, target = site.nodes
        role = role_between(architecture, source, target)
        assert role is not None
        child = architecture.with_connections(Connection(source, target, role))
        return Change(child, {connection_parameter(child, source, target): Zeros()}, preserves=True)
