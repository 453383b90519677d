"""Which role a new connection between two nodes would have."""

from __future__ import annotations

from graftwork.architecture import Architecture, Carries, Connection, Network, OutputNode, Role

_ACCEPTED: dict[str, Carries] = {
    "classification": "discrete",
    "regression": "values",
    "generation": "samples",
}


def role_between(architecture: Architecture, source: str, target: str) -> Role | None:
    """The role of a connection between these nodes, or none where their kinds do not allow one.

    Into a decoder values are stochastic inputs and distributions are conditions: values handed through as a
    condition would let a decoder copy what it is to generate.
    """
    carried, node = architecture.carries.get(source), architecture.by_name.get(target)
    if carried is None:
        return None
    if isinstance(node, OutputNode):
        fits = carried == _ACCEPTED[node.kind] and architecture.by_name[source].width >= node.width
        return "input" if fits and source in architecture.network_names else None
    if not isinstance(node, Network):
        return None
    if node.kind != "decoder":
        return "input"
    return {"values": "stochastic", "discrete": "condition"}.get(carried)  # type: ignore[return-value]


def connection_at(architecture: Architecture, source: str, target: str) -> Connection:
    """The connection between two nodes; `KeyError` where there is none."""
    for connection in architecture.outgoing(source):
        if connection.target == target:
            return connection
    raise KeyError((source, target))
