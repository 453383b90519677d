"""Delete a connection where both ends keep another."""

from __future__ import annotations

from typing import ClassVar

from graftwork.architecture import Architecture, Connection
from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Tendency
from graftwork.variation.connecting import connection_at


class DeleteConnection(Operator):
    """Remove a connection; every surviving weight stays with the source that it reads.

    Source: Garciarena, Santana and Mendiburu (IEEE TNNLS 2023), `del_con`.

    Example:
        >>> from graftwork.variation import OPERATORS
        >>> OPERATORS["delete_connection"].tendency
        'reducing'
    """

    name = "delete_connection"
    tendency: ClassVar[Tendency] = "reducing"

    def sites(self, architecture: Architecture) -> list[Site]:
        return [
            Site("connection", (connection.source, connection.target))
            for connection in architecture.connections
            if _can_go(architecture, connection)
        ]

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        return Change(architecture.without_connections(connection_at(architecture, *site.nodes)))


def _can_go(architecture: Architecture, connection: Connection) -> bool:
    siblings = architecture.incoming(connection.target)
    if connection.role == "stochastic":
        siblings = tuple(sibling for sibling in siblings if sibling.role == "stochastic")
    return len(siblings) > 1 and len(architecture.outgoing(connection.source)) > 1
