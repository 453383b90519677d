"""Limits of a search space, each named in the sentence that says it is broken."""

from __future__ import annotations

from collections.abc import Iterator

from graftwork.architecture._graph import Architecture, Network
from graftwork.architecture._node_rules import is_width
from graftwork.architecture.parameters import mac_count, parameter_count
from graftwork.architecture.space import Range, SearchSpace


def limit_sentences(
    architecture: Architecture, sound: Architecture, space: SearchSpace, *, countable: bool
) -> list[str]:
    """Broken limits of the space.

    Args:
        architecture: The graph as it is.
        sound: The same without connections that are broken in themselves.
        space: Whose limits.
        countable: Whether all else holds, so that parameters and multiply-accumulates can be counted.
    """
    found = list(_sizes(architecture, space))
    for network in architecture.networks:
        found += _layers(network, space)
        found += _output_layer(sound, network, space)
    if countable:
        found += _costs(architecture, space)
    return found


def _costs(architecture: Architecture, space: SearchSpace) -> Iterator[str]:
    if (count := parameter_count(architecture)) > space.max_parameters:
        yield (
            f"The architecture has {count} parameters but the limit max_parameters is {space.max_parameters}"
        )
    if (count := mac_count(architecture)) > space.max_macs:
        yield (
            f"The architecture has {count} multiply-accumulates a row but the limit max_macs is "
            f"{space.max_macs}"
        )


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
    name, (low, high) = _width_limit(network, space)
    for index, layer in enumerate(network.hidden):
        if is_width(layer.width) and not low <= layer.width <= high:
            yield (
                f"Network {network.name}: hidden layer {index} has {layer.width} units but the limit "
                f"{name} is {low} to {high}"
            )
    low, high = space.latents
    if network.is_decoder and is_width(network.latent) and not low <= network.latent <= high:
        yield f"Decoder {network.name} has latent {network.latent} but the limit latents is {low} to {high}"


def _width_limit(network: Network, space: SearchSpace) -> tuple[str, Range]:
    return ("channels", space.channels) if network.is_convolutional else ("widths", space.widths)


def _output_layer(architecture: Architecture, network: Network, space: SearchSpace) -> Iterator[str]:
    if network.kind == "convolutional_encoder" and network.shape[:1] > (space.channels[1],):
        yield (
            f"Network {network.name} produces {network.shape[0]} channels but the limit channels is at most "
            f"{space.channels[1]}"
        )
    high = space.widths[1]
    if network.is_convolutional or not is_width(network.width) or network.width <= high:
        return
    if not any(receiver in architecture.output_names for receiver in architecture.receivers(network.name)):
        yield (
            f"Network {network.name} has {network.width} output units and feeds no output but the limit "
            f"widths is at most {high}"
        )
