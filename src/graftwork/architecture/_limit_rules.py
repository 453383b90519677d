"""Limits of a search space, each named in the sentence that says it is broken."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from graftwork.architecture._graph import Architecture, Network
from graftwork.architecture._node_rules import is_width
from graftwork.architecture.parameters import parameter_shapes
from graftwork.architecture.space import SearchSpace


def parameter_count(architecture: Architecture) -> int:
    """Numbers that training can change.

    Example:
        >>> from graftwork.architecture import Architecture
        >>> parameter_count(Architecture((), (), (), ()))
        0
    """
    return sum(prod(shape) for shape in parameter_shapes(architecture).values())


def limit_sentences(
    architecture: Architecture, sound: Architecture, space: SearchSpace, *, countable: bool
) -> list[str]:
    """Broken limits of the space.

    Args:
        architecture: The graph as it is.
        sound: The same without connections that are broken in themselves.
        space: Whose limits.
        countable: Whether all else holds, so that parameters can be counted.
    """
    found = list(_sizes(architecture, space))
    for network in architecture.networks:
        found += _layers(network, space)
        found += _output_layer(sound, network, space)
    if countable and (count := parameter_count(architecture)) > space.max_parameters:
        found.append(
            f"The architecture has {count} parameters but the limit max_parameters is {space.max_parameters}"
        )
    return found


def _sizes(architecture: Architecture, space: SearchSpace) -> Iterator[str]:
    networks, connections = len(architecture.networks), len(architecture.connections)
    if networks > space.max_networks:
        yield f"The architecture has {networks} networks but the limit max_networks is {space.max_networks}"
    if connections > space.max_connections:
        most = space.max_connections
        yield f"The architecture has {connections} connections but the limit max_connections is {most}"


def _layers(network: Network, space: SearchSpace) -> Iterator[str]:
    low, high = space.hidden_layers
    if not low <= len(network.hidden) <= high:
        yield (
            f"Network {network.name} has {len(network.hidden)} hidden layers but the limit hidden_layers is "
            f"{low} to {high}"
        )
    low, high = space.widths
    for index, layer in enumerate(network.hidden):
        if is_width(layer.width) and not low <= layer.width <= high:
            yield (
                f"Network {network.name}: hidden layer {index} has {layer.width} units but the limit "
                f"widths is {low} to {high}"
            )
    low, high = space.latents
    if network.kind == "decoder" and is_width(network.latent) and not low <= network.latent <= high:
        yield f"Decoder {network.name} has latent {network.latent} but the limit latents is {low} to {high}"


def _output_layer(architecture: Architecture, network: Network, space: SearchSpace) -> Iterator[str]:
    high = space.widths[1]
    if not is_width(network.width) or network.width <= high:
        return
    if not any(receiver in architecture.output_names for receiver in architecture.receivers(network.name)):
        yield (
            f"Network {network.name} has {network.width} output units and feeds no output but the limit "
            f"widths is at most {high}"
        )
