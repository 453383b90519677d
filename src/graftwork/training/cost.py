"""What a training step costs."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from graftwork.architecture import Architecture, parameter_macs
from graftwork.training.part import is_trained


def training_macs(architecture: Architecture, *, part: frozenset[str], computed: Collection[str]) -> int:
    """Multiply-accumulates of a training step a row, forward and backward.

    Each product is done once forward, once more for the gradient of a weight that is trained, and once more
    for that of an operand through which a gradient flows.

    Args:
        architecture: What is trained.
        part: Networks to train.
        computed: Networks that are computed, those that are neither known nor unneeded.

    Example:
        >>> import graftwork as gw
        >>> problem = gw.load_problem("digits")
        >>> architecture = gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0)
        >>> names = architecture.network_names
        >>> training_macs(architecture, part=names, computed=names) <= 3 * gw.complexity(architecture).macs
        True
    """
    changing = architecture.downstream(part)
    total = 0
    for name, macs in parameter_macs(architecture).items():
        network = name.split(".")[1]
        if network in computed:
            flows = any(operand in changing for operand in _operands(architecture, name, part))
            total += macs * (1 + is_trained(name, part) + flows)
    return total


def aggregation_macs(
    architecture: Architecture, *, part: frozenset[str], each: Iterable[Collection[str]]
) -> int:
    """Multiply-accumulates a row of a step that has a backward pass an output, forward and backward.

    Args:
        architecture: What is trained.
        part: Networks to train.
        each: Networks that are computed for each output.

    Example:
        >>> import graftwork as gw
        >>> problem = gw.load_problem("digits")
        >>> architecture = gw.random_architecture(problem, gw.SearchSpace.modern(), seed=0)
        >>> names = architecture.network_names
        >>> once = training_macs(architecture, part=names, computed=names)
        >>> aggregation_macs(architecture, part=names, each=[names]) == once
        True
    """
    needed = [frozenset(names) for names in each]
    nothing: frozenset[str] = frozenset()
    forward = training_macs(architecture, part=nothing, computed=nothing.union(*needed))
    backward = (
        training_macs(architecture, part=part, computed=names)
        - training_macs(architecture, part=nothing, computed=names)
        for names in needed
    )
    return forward + sum(backward)


def _operands(architecture: Architecture, weight: str, part: frozenset[str]) -> tuple[str, ...]:
    """The nodes on which depends, of what is trained, the operand that a weight is multiplied by."""
    _, network, own = weight.split(".")
    incoming = architecture.incoming(network)
    if own.startswith("weight_"):
        return (network,)
    if own == "from_latent" and architecture.network(network).is_decoder:
        stochastic = tuple(c.source for c in incoming if c.role == "stochastic")
        return (network,) if network in part else stochastic
    return (own.removeprefix("latent_").removeprefix("from_"),)
