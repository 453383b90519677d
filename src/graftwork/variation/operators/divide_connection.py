"""Divide a connection by a new network in its middle."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from graftwork.architecture import (
    Architecture,
    Connection,
    Network,
    NetworkKind,
    OutputNode,
    connection_parameter,
    random_network,
)
from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Tendency
from graftwork.variation.connecting import connection_at
from graftwork.variation.inheritance import Kept, Origin, Zeros, output_layer


class DivideConnection(Operator):
    """Put a new network in the middle of a connection.

    Where the connection carries values, the new network is as wide as they are, adds them to its own output,
    and its last layer starts at zero: the function is preserved. Elsewhere its weights, and those that read
    it, are fresh.

    Source: Garciarena, Santana and Mendiburu (IEEE TNNLS 2023), `divide_con`; the residual start is ours.

    Example:
        >>> from graftwork.variation import OPERATORS
        >>> OPERATORS["divide_connection"].tendency
        'increasing'
    """

    name: ClassVar[str] = "divide_connection"
    tendency: ClassVar[Tendency] = "increasing"

    def sites(self, architecture: Architecture) -> list[Site]:
        return [Site("connection", (c.source, c.target)) for c in architecture.connections]

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        connection = connection_at(architecture, *site.nodes)
        if architecture.carries[connection.source] == "values":
            return _preserving(architecture, connection, draw)
        return _fresh(architecture, connection, draw)


def _split(
    architecture: Architecture, connection: Connection, middle: Network, *, residual: bool
) -> Architecture:
    first = Connection(connection.source, middle.name, "residual" if residual else "input")
    second = replace(connection, source=middle.name)
    return architecture.without_connections(connection).with_network(middle).with_connections(first, second)


def _preserving(architecture: Architecture, connection: Connection, draw: Draw) -> Change:
    source, target = connection.source, connection.target
    middle = random_network(
        draw.space,
        draw.rng,
        name=architecture.fresh_name(),
        kind="regressor",
        width=architecture.by_name[source].width,
    )
    child = _split(architecture, connection, middle, residual=True)
    origins: dict[str, Origin] = {
        connection_parameter(child, middle.name, target): Kept(
            connection_parameter(architecture, source, target)
        )
    }
    origins |= {parameter: Zeros() for parameter in output_layer(child, middle.name)}
    return Change(child, origins, preserves=True)


def _fresh(architecture: Architecture, connection: Connection, draw: Draw) -> Change:
    kind, least = _middle_kind(architecture, connection)
    low, high = draw.space.widths
    width = max(least, int(draw.rng.integers(low, high, endpoint=True)))
    middle = random_network(draw.space, draw.rng, name=architecture.fresh_name(), kind=kind, width=width)
    return Change(_split(architecture, connection, middle, residual=False))


def _middle_kind(architecture: Architecture, connection: Connection) -> tuple[NetworkKind, int]:
    target = architecture.by_name[connection.target]
    least = target.width if isinstance(target, OutputNode) else 1
    discrete = architecture.carries[connection.source] == "discrete"
    return ("discretizer" if discrete else "regressor"), least
