"""Hidden layers as operators change them: which share units, and which parameters compute and read those.

Layers that are residual share their units with the layer before, to which they add; such a run of layers is
widened and narrowed together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from math import prod

from graftwork.architecture import Architecture, Layer, Network, SearchSpace, decoder_sizes
from graftwork.variation._base import Site
from graftwork.variation.inheritance import network_parameters
from graftwork.variation.origins import Kept, Origin

_NUMBERED = re.compile(r"(weight|bias|norm_weight|norm_bias)_([0-9]+)", re.ASCII)


def layer_sites(architecture: Architecture, able: Callable[[Network, int], bool]) -> list[Site]:
    """Every hidden layer of which `able` holds."""
    return [
        Site("layer", (network.name,), layer=number)
        for network in architecture.networks
        for number in range(len(network.hidden))
        if able(network, number)
    ]


def run_from(network: Network, first: int) -> range:
    """A layer and all that follow it by residual links."""
    last = first
    while last + 1 < len(network.hidden) and network.hidden[last + 1].residual:
        last += 1
    return range(first, last + 1)


def width_limit(network: Network, space: SearchSpace) -> tuple[str, int, int]:
    """What the limit of the width of its hidden layers is called, and its bounds."""
    if network.is_convolutional:
        return "channels", *space.channels
    return "widths", *space.widths


def with_width(network: Network, run: range, width: int) -> Network:
    """The network with another number of units in a run."""
    layers = [replace(layer, width=width) if n in run else layer for n, layer in enumerate(network.hidden)]
    return replace(network, hidden=tuple(layers))


def with_hidden(network: Network, hidden: tuple[Layer, ...]) -> Network:
    """The network with other hidden layers; without any there is nothing that its settings could be about."""
    if hidden:
        return replace(network, hidden=hidden)
    return replace(network, hidden=(), normalisation="none", dropout=0.0)


def computing_weights(
    architecture: Architecture, network: Network, run: range
) -> tuple[tuple[str, int], ...]:
    """Weights whose rows compute the units of a run, with the rows in a row that belong to one unit.

    The first layer has a block a source; that of a convolutional decoder computes a whole map, channel by
    channel.
    """
    prefix, positions = f"networks.{network.name}.", _positions(network)
    names = network_parameters(architecture, network.name)
    blocks = [(name, positions) for name in names if name.startswith(f"{prefix}from_")]
    weights = [(f"{prefix}weight_{number}", 1) for number in run if number]
    return (*(blocks if 0 in run else ()), *weights)


def reading_weights(network: Network, run: range) -> tuple[str, ...]:
    """Weights whose columns read the units of a run, those within the run among them."""
    return tuple(f"networks.{network.name}.weight_{number + 1}" for number in run)


def resized(
    architecture: Architecture,
    network: Network,
    run: range,
    *,
    computing: Callable[[Origin, int], Origin],
    reading: Callable[[Origin], Origin],
) -> dict[str, Origin]:
    """Origins of all that computes or reads the units of a run.

    Args:
        architecture: Where the network is.
        network: Whose layers they are.
        run: The layers.
        computing: What becomes of the rows of a parameter, whose numbers in a row belong to one unit.
        reading: What becomes of the columns.
    """
    rows = [*computing_weights(architecture, network, run), *_vectors(network, run)]
    origins = {name: computing(Kept(name), block) for name, block in rows}
    for name in reading_weights(network, run):
        origins[name] = reading(origins.get(name, Kept(name)))
    return origins


def renumbered(architecture: Architecture, network: Network, *, start: int, by: int) -> dict[str, Origin]:
    """Parameters of all layers from `start` on, the output layer among them, kept under other numbers."""
    prefix = f"networks.{network.name}."
    origins: dict[str, Origin] = {}
    for name in network_parameters(architecture, network.name):
        numbered = _NUMBERED.fullmatch(name.removeprefix(prefix))
        if numbered and int(numbered[2]) >= start:
            origins[f"{prefix}{numbered[1]}_{int(numbered[2]) + by}"] = Kept(name)
    return origins


def _positions(network: Network) -> int:
    return prod(decoder_sizes(network)[0]) if network.kind == "convolutional_decoder" else 1


def _vectors(network: Network, run: range) -> Iterator[tuple[str, int]]:
    prefix = f"networks.{network.name}."
    for number in run:
        yield f"{prefix}bias_{number}", 1 if number else _positions(network)
        if network.normalisation == "layer":
            yield f"{prefix}norm_weight_{number}", 1
            yield f"{prefix}norm_bias_{number}", 1
