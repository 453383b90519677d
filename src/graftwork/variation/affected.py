"""The part of a model that a variation affects, and that alone needs training."""

from __future__ import annotations

from graftwork.architecture import Architecture, Network, OutputNode


def changed_nodes(parent: Architecture, child: Architecture) -> frozenset[str]:
    """Networks and outputs of `child` that are new, that differ, or whose connections in differ."""
    nodes: list[Network | OutputNode] = [*child.networks, *child.outputs]
    return frozenset(
        node.name
        for node in nodes
        if parent.by_name.get(node.name) != node
        or set(parent.incoming(node.name)) != set(child.incoming(node.name))
    )


def affected_networks(parent: Architecture, child: Architecture) -> frozenset[str]:
    """New and changed networks, all downstream of them, and their direct sources [paper].

    Where nothing changed, that is every network: the control trains the model as it stands.
    """
    changed = changed_nodes(parent, child)
    if not changed:
        return child.network_names
    sources = {source for name in changed for source in child.sources(name)}
    return (child.downstream(changed) | sources) & child.network_names


def affected_outputs(architecture: Architecture, trained: frozenset[str]) -> frozenset[str]:
    """Outputs that can change when these networks are trained."""
    return architecture.downstream(trained) & architecture.output_names
