"""How much an architecture costs."""

from __future__ import annotations

from dataclasses import dataclass

from graftwork.architecture import Architecture, mac_count, parameter_count


@dataclass(frozen=True, slots=True)
class Complexity:
    """Figures of size and cost.

    Attributes:
        parameters: Numbers that are learnt.
        macs: Multiply-accumulates a row, those of weight matrices and kernels.
        depth: Networks on the longest path from an input to an output.
        layers: Layers on the longest path from an input to an output, latent ones of decoders among them.
        networks: Number of networks.
        connections: Number of connections.
    """

    parameters: int
    macs: int
    depth: int
    layers: int
    networks: int
    connections: int


def complexity(architecture: Architecture) -> Complexity:
    """The complexity of an architecture, from its graph alone.

    Example:
        >>> import graftwork as gw
        >>> problem = gw.load_problem("digits")
        >>> small = gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0)
        >>> gw.complexity(small).networks == len(small.networks)
        True
    """
    return Complexity(
        parameters=parameter_count(architecture),
        macs=mac_count(architecture),
        depth=_longest_path(architecture, {n.name: 1 for n in architecture.networks}),
        layers=_longest_path(
            architecture, {n.name: len(n.hidden) + 1 for n in architecture.networks}, latent=1
        ),
        networks=len(architecture.networks),
        connections=len(architecture.connections),
    )


def _longest_path(architecture: Architecture, lengths: dict[str, int], *, latent: int = 0) -> int:
    longest: dict[str, int] = {}
    for name in architecture.order:
        before = [
            longest.get(connection.source, 0) + (latent if connection.role == "stochastic" else 0)
            for connection in architecture.incoming(name)
        ]
        longest[name] = max(before, default=0) + lengths[name]
    return max(longest.values(), default=0)
