"""Random architectures, grown backwards from the outputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from graftwork.architecture._graph import Architecture, InputNode, Network, OutputNode
from graftwork.architecture._growth import Growth, fewest_networks
from graftwork.architecture._interface import Interface, interface
from graftwork.architecture._limit_rules import parameter_count
from graftwork.architecture.sampling import random_network, within
from graftwork.architecture.space import Range, SearchSpace
from graftwork.errors import InputError
from graftwork.runtime import generator

_DRAWS = 40


def random_architecture(problem: Interface, space: SearchSpace, *, seed: int) -> Architecture:
    """A random viable architecture for a problem, within the limits of a search space.

    Grown backwards from the outputs: each gets a network that produces what it accepts, and every network
    gets sources out of model inputs, networks that are there, and new ones, while the limits allow.

    Args:
        problem: Whose inputs and outputs it gets.
        space: What networks are drawn from, and the limits.
        seed: The same seed gives the same architecture.

    Returns:
        The architecture; its networks are numbered from the inputs to the outputs.

    Raises:
        InputError: No architecture for this problem keeps the limits; the limit is named.

    Source: Garciarena, Santana and Mendiburu (IEEE TNNLS 2023), random initialisation of a VALP.

    Example:
        >>> from types import SimpleNamespace as Fake
        >>> digit = Fake(kind="classification", width=10)
        >>> problem = Fake(inputs={"pixels": Fake(width=64)}, outputs={"digit": digit})
        >>> architecture = random_architecture(problem, SearchSpace.modern(), seed=0)
        >>> architecture.outputs
        (OutputNode(name='digit', kind='classification', width=10),)
    """
    inputs, outputs = interface(problem)
    fewest = fewest_networks(outputs)
    most = _most_networks(space, fewest, len(outputs))
    rng = generator(seed, 0, "architecture")
    smallest: int | None = None
    for draw in range(_DRAWS):
        # Later draws are from an ever smaller part of the space, so that a tight limit is met if it can be.
        share = 1 - draw / (_DRAWS - 1)
        size = int(rng.integers(fewest, fewest + round((most - fewest) * share), endpoint=True))
        architecture = _grown(inputs, outputs, _narrowed(space, share), size, rng)
        count = parameter_count(architecture)
        if count <= space.max_parameters:
            return architecture
        smallest = min(count, smallest or count)
    raise InputError(
        f"max_parameters is {space.max_parameters}, but the smallest of {_DRAWS} random architectures for "
        f"this problem in the space '{space.name}' has {smallest} parameters; raise the limit or lower "
        "hidden_layers or widths"
    )


def _most_networks(space: SearchSpace, fewest: int, outputs: int) -> int:
    if fewest > space.max_networks:
        raise InputError(
            f"max_networks is {space.max_networks}, but the outputs of this problem need at least {fewest} "
            "networks; raise the limit"
        )
    # Every network and every output has a source at least.
    if fewest + outputs > space.max_connections:
        raise InputError(
            f"max_connections is {space.max_connections}, but the outputs of this problem need at least "
            f"{fewest + outputs} connections; raise the limit"
        )
    return min(space.max_networks, space.max_connections - outputs)


def _narrowed(space: SearchSpace, share: float) -> SearchSpace:
    return replace(
        space,
        hidden_layers=_lower_part(space.hidden_layers, share),
        widths=_lower_part(space.widths, share),
        latents=_lower_part(space.latents, share),
    )


def _lower_part(bounds: Range, share: float) -> Range:
    low, high = bounds
    return low, low + round((high - low) * share)


def _grown(
    inputs: tuple[InputNode, ...],
    outputs: tuple[OutputNode, ...],
    space: SearchSpace,
    size: int,
    rng: np.random.Generator,
) -> Architecture:
    growth = Growth(inputs, outputs, networks=size, connections=space.max_connections, rng=rng)
    growth.grow()
    plain = Architecture(
        inputs,
        outputs,
        tuple(Network(name, kind, width=1) for name, kind in growth.kinds.items()),
        growth.connections,
    )
    names = {name: f"n{number}" for number, name in enumerate(plain.order)}
    networks = tuple(
        random_network(
            space,
            rng,
            name=names[name],
            kind=growth.kinds[name],
            width=_output_width(plain, name, space, rng),
        )
        for name in plain.order
    )
    connections = tuple(
        replace(c, source=names.get(c.source, c.source), target=names.get(c.target, c.target))
        for c in plain.connections
    )
    return Architecture(inputs, outputs, networks, connections)


def _output_width(architecture: Architecture, name: str, space: SearchSpace, rng: np.random.Generator) -> int:
    receivers = architecture.receivers(name)
    least = max(
        (architecture.by_name[r].width for r in receivers if r in architecture.output_names), default=0
    )
    if least == 0:
        return within(space.widths, rng)
    serves_others = any(receiver in architecture.network_names for receiver in receivers)
    return within((least, max(least, space.widths[1])), rng) if serves_others else least
