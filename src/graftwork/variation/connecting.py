"""What a new connection between two nodes would be."""

from __future__ import annotations

from graftwork.architecture import (
    ACCEPTED,
    Architecture,
    Connection,
    Network,
    OutputNode,
    Reading,
    shape_of,
    source_size,
)


def connection_between(architecture: Architecture, source: str, target: str) -> Connection | None:
    """The connection that these nodes could have, or none where their kinds do not allow one.

    Into a decoder values are stochastic inputs and distributions are conditions: values handed through as a
    condition would let a decoder copy what it is to generate. Where no map is wanted, the mean of each
    channel of a network's map is read, and every number of an image that is an input.
    """
    carried, node = architecture.carries.get(source), architecture.by_name.get(target)
    if carried is None or node is None:
        return None
    if isinstance(node, OutputNode):
        return Connection(source, target) if _serves(architecture, source, node) else None
    if not isinstance(node, Network) or (carried == "codes") != (node.kind == "embedding"):
        return None
    shape = shape_of(architecture, source)
    if node.kind == "convolutional_encoder":
        fits = bool(shape) and shape[1:] == source_size(architecture, node)
        return Connection(source, target) if fits else None
    reading: Reading = "pool" if shape and source in architecture.network_names else "flatten"
    if not node.is_decoder:
        return Connection(source, target, "input", reading)
    if carried == "values":
        return Connection(source, target, "stochastic", reading)
    return Connection(source, target, "condition") if carried == "discrete" else None


def connection_at(architecture: Architecture, source: str, target: str) -> Connection:
    """The connection between two nodes; `KeyError` where there is none."""
    for connection in architecture.outgoing(source):
        if connection.target == target:
            return connection
    raise KeyError((source, target))


def _serves(architecture: Architecture, source: str, output: OutputNode) -> bool:
    node = architecture.by_name[source]
    if not isinstance(node, Network) or architecture.carries[source] != ACCEPTED[output.kind]:
        return False
    return node.shape == output.shape if node.shape else node.width >= output.width
