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
    Reading,
    connection_parameter,
    random_encoder,
    random_network,
    shape_of,
    within,
)
from graftwork.variation._base import Change, Draw, Operator, Refusal, Site, Tendency
from graftwork.variation.connecting import connection_at
from graftwork.variation.inheritance import output_layer
from graftwork.variation.operators.add_connection import FreshWeights, checked
from graftwork.variation.origins import Kept, Origin, Zeros


class DivideConnection(Operator):
    """Put a new network in the middle of a connection.

    Where the connection carries values, the new network is as wide as they are, adds them to its own output,
    and its last layer starts at zero: the function is preserved. Elsewhere, and where such a network would be
    wider than the space allows, its weights, and those that read it, are fresh. Maps stay maps: the new
    network is a convolutional encoder. A categorical input is read by embeddings alone and is not divided
    from them.

    Source: Garciarena, Santana and Mendiburu (IEEE TNNLS 2023), `divide_con`; the residual start is ours.

    Args:
        fresh_weights: `random` draws all new weights, as the paper does; the operator is then called
            `divide_connection_random`.

    Raises:
        InputError: `fresh_weights` is something else.

    Example:
        >>> from graftwork.variation import OPERATORS
        >>> OPERATORS["divide_connection"].tendency
        'increasing'
    """

    tendency: ClassVar[Tendency] = "increasing"

    def __init__(self, *, fresh_weights: FreshWeights = "preserving") -> None:
        self.fresh_weights = checked(fresh_weights)
        self.name = "divide_connection" if fresh_weights == "preserving" else "divide_connection_random"

    def sites(self, architecture: Architecture) -> list[Site]:
        return [
            Site("connection", (c.source, c.target))
            for c in architecture.connections
            if architecture.carries[c.source] != "codes"
        ]

    def _change(self, architecture: Architecture, site: Site, draw: Draw) -> Change | Refusal:
        connection = connection_at(architecture, *site.nodes)
        values = architecture.carries[connection.source] == "values"
        preserves = values and self.fresh_weights == "preserving" and _fits(architecture, connection, draw)
        middle = _middle(architecture, connection, draw, as_source=preserves)
        if middle is None:
            return Refusal(f"{self.name} at {site}: the space '{draw.space.name}' has no network for it")
        child = _split(architecture, connection, middle, residual=preserves)
        return Change(child, _origins(architecture, child, connection) if preserves else {}, preserves)


def _fits(architecture: Architecture, connection: Connection, draw: Draw) -> bool:
    """Whether the limits allow a network as wide as the source where the target is a network."""
    serves_output = connection.target in architecture.output_names
    shape, width = shape_of(architecture, connection.source), architecture.by_name[connection.source].width
    most = draw.space.channels[1] if shape else draw.space.widths[1]
    return serves_output or (shape[0] if shape else width) <= most


def _middle(
    architecture: Architecture, connection: Connection, draw: Draw, *, as_source: bool
) -> Network | None:
    """A new network for the middle, as wide as the source where asked for."""
    name, shape = architecture.fresh_name(), shape_of(architecture, connection.source)
    target = architecture.by_name[connection.target]
    if shape and (as_source or (isinstance(target, Network) and target.kind == "convolutional_encoder")):
        made = shape if as_source else (within(draw.space.channels, draw.rng), *shape[1:])
        return random_encoder(draw.space, draw.rng, name=name, start=(shape[1], shape[2]), shape=made)
    width = architecture.by_name[connection.source].width
    kind: NetworkKind = "regressor"
    if not as_source:
        kind = "discretizer" if architecture.carries[connection.source] == "discrete" else "regressor"
        least = target.width if isinstance(target, OutputNode) else 1
        width = max(least, within(draw.space.widths, draw.rng))
    return random_network(draw.space, draw.rng, name=name, kind=kind, width=width)


def _split(
    architecture: Architecture, connection: Connection, middle: Network, *, residual: bool
) -> Architecture:
    # A map is read as it was wherever it still is one.
    before: Reading
    after: Reading
    before, after = ("flatten", connection.reading) if middle.shape else (connection.reading, "flatten")
    first = replace(connection, target=middle.name, role="residual" if residual else "input", reading=before)
    second = replace(connection, source=middle.name, reading=after)
    return architecture.without_connections(connection).with_network(middle).with_connections(first, second)


def _origins(architecture: Architecture, child: Architecture, connection: Connection) -> dict[str, Origin]:
    (middle,) = child.network_names - architecture.network_names
    reads = connection_parameter(architecture, connection.source, connection.target)
    kept: dict[str, Origin] = {connection_parameter(child, middle, connection.target): Kept(reads)}
    return kept | {parameter: Zeros() for parameter in output_layer(child, middle)}
