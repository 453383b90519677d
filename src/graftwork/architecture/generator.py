"""Random architectures, grown backwards from the outputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from graftwork.architecture._graph import (
    READINGS,
    Architecture,
    InputNode,
    Network,
    OutputNode,
    Shape,
)
from graftwork.architecture._growth import Growth, fewest_networks
from graftwork.architecture._interface import Interface, interface
from graftwork.architecture._readers import Reader, convolves, draw_readers, plain_inputs
from graftwork.architecture.maps import source_size
from graftwork.architecture.parameters import mac_count, parameter_count
from graftwork.architecture.sampling import (
    random_convolutional_decoder,
    random_encoder,
    random_network,
    within,
)
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
        (OutputNode(name='digit', kind='classification', width=10, shape=()),)
    """
    inputs, outputs = interface(problem)
    fewest = fewest_networks(outputs) + (not plain_inputs(inputs))
    most = _most_networks(space, fewest, len(outputs))
    rng = generator(seed, 0, "architecture")
    costs: list[tuple[int, int]] = []
    for draw in range(_DRAWS):
        # Later draws are from an ever smaller part of the space, so that a tight limit is met if it can be.
        share = 1 - draw / (_DRAWS - 1)
        size = int(rng.integers(fewest, fewest + round((most - fewest) * share), endpoint=True))
        architecture = _grown(inputs, outputs, _narrowed(space, share), size, rng)
        costs.append((parameter_count(architecture), mac_count(architecture)))
        if costs[-1][0] <= space.max_parameters and costs[-1][1] <= space.max_macs:
            return architecture
    raise InputError(_too_large(space, costs))


def _too_large(space: SearchSpace, costs: list[tuple[int, int]]) -> str:
    parameters, macs = min(costs)[0], min(macs for _, macs in costs)
    fits = parameters <= space.max_parameters
    limit, least = ("max_macs", macs) if fits else ("max_parameters", parameters)
    unit = "multiply-accumulates a row" if fits else "parameters"
    return (
        f"{limit} is {getattr(space, limit)}, but the smallest of {_DRAWS} random architectures for this "
        f"problem in the space '{space.name}' has {least} {unit}; raise the limit or lower hidden_layers or "
        "widths"
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
        channels=_lower_part(space.channels, share),
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
    spare = size - fewest_networks(outputs), space.max_connections - size - len(outputs)
    readers = draw_readers(inputs, space, rng, networks=spare[0], connections=max(spare[1], 1))
    behind = {name for reader in readers for name in reader.inputs}
    growth = Growth(
        [*(name for name in plain_inputs(inputs) if name not in behind), *(r.name for r in readers)],
        outputs,
        networks=size - len(readers),
        connections=space.max_connections - sum(len(reader.inputs) for reader in readers),
        rng=rng,
    )
    growth.grow()
    return _furnished(_plain(inputs, outputs, growth, readers), space, rng)


def _plain(
    inputs: tuple[InputNode, ...], outputs: tuple[OutputNode, ...], growth: Growth, readers: list[Reader]
) -> Architecture:
    """The graph, without layers, its networks numbered from the inputs to the outputs."""
    read = {connection.source for connection in growth.connections}
    used = [reader for reader in readers if reader.name in read]
    kinds = growth.kinds | {reader.name: reader.kind for reader in used}
    connections = [*growth.connections, *(c for reader in used for c in reader.connections)]
    networks = tuple(Network(name, kind, width=1) for name, kind in kinds.items())
    grown = Architecture(inputs, outputs, networks, tuple(connections))
    names = {name: f"n{number}" for number, name in enumerate(grown.order)}
    return replace(
        grown,
        networks=tuple(replace(grown.network(name), name=names[name]) for name in grown.order),
        connections=tuple(
            replace(c, source=names.get(c.source, c.source), target=names.get(c.target, c.target))
            for c in connections
        ),
    )


def _furnished(plain: Architecture, space: SearchSpace, rng: np.random.Generator) -> Architecture:
    """Layers and settings for every network, and a reading for every map that a plain network reads."""
    networks = tuple(_drawn(plain, network, space, rng) for network in plain.networks)
    maps = {network.name for network in networks if network.shape}
    connections = tuple(
        replace(c, reading=READINGS[int(rng.integers(len(READINGS)))])
        if c.source in maps and c.target in plain.network_names
        else c
        for c in plain.connections
    )
    return replace(plain, networks=networks, connections=connections)


def _drawn(plain: Architecture, network: Network, space: SearchSpace, rng: np.random.Generator) -> Network:
    name, kind = network.name, network.kind
    if kind == "convolutional_encoder":
        encoder = random_encoder(space, rng, name=name, start=source_size(plain, network))
        assert encoder is not None  # its shape is free
        return encoder
    shape = _image_shape(plain, name) if kind == "decoder" else ()
    if shape and convolves(space, rng):
        decoder = random_convolutional_decoder(space, rng, name=name, shape=shape)
        if decoder is not None:
            return decoder
    width = _output_width(plain, name, space, rng)
    return random_network(space, rng, name=name, kind=kind, width=width)


def _image_shape(architecture: Architecture, name: str) -> Shape:
    """The one shape of the images that a network's outputs ask for; () where they ask for none or several."""
    receivers = [architecture.by_name[receiver] for receiver in architecture.receivers(name)]
    shapes = {receiver.shape for receiver in receivers if isinstance(receiver, OutputNode)}
    return shapes.pop() if len(shapes) == 1 else ()


def _output_width(architecture: Architecture, name: str, space: SearchSpace, rng: np.random.Generator) -> int:
    receivers = architecture.receivers(name)
    least = max(
        (architecture.by_name[r].width for r in receivers if r in architecture.output_names), default=0
    )
    if least == 0:
        return within(space.widths, rng)
    serves_others = any(receiver in architecture.network_names for receiver in receivers)
    return within((least, max(least, space.widths[1])), rng) if serves_others else least
