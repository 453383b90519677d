"""Names and shapes of an architecture's parameters, known without building a model.

The names are the contract between an operator's inheritance plan and the model. The first layer of a
network holds one block of weights per source, named after it, so that weights meet their sources by
name and never by position.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import prod

from graftwork.architecture._graph import Architecture, Network, Shape
from graftwork.architecture.maps import (
    KERNEL,
    Size,
    decoder_sizes,
    encoder_sizes,
    read_width,
    shape_of,
    source_size,
)


def block_name(network: str, source: str) -> str:
    """The weights that read a source in the first layer of a network."""
    return f"networks.{network}.from_{source}"


def latent_block_name(network: str, source: str) -> str:
    """The weights that read a stochastic source for the latent of a decoder."""
    return f"networks.{network}.latent_from_{source}"


def gain_name(output: str, source: str) -> str:
    """The scalar by which an output scales what a network contributes."""
    return f"outputs.{output}.gain_{source}"


def connection_parameter(architecture: Architecture, source: str, target: str) -> str:
    """The parameter by which `target` reads `source`."""
    if target in architecture.output_names:
        return gain_name(target, source)
    roles = {connection.source: connection.role for connection in architecture.incoming(target)}
    return latent_block_name(target, source) if roles[source] == "stochastic" else block_name(target, source)


def layer_widths(network: Network) -> tuple[int, ...]:
    """Units of every layer of a network, hidden ones first, its output layer last; of channels in maps."""
    last = network.shape[0] if network.is_convolutional else network.width
    return (*(layer.width for layer in network.hidden), last)


def first_layer_rows(network: Network) -> int:
    """Numbers that the first layer of a network computes: a whole map in a convolutional decoder."""
    positions = prod(decoder_sizes(network)[0]) if network.kind == "convolutional_decoder" else 1
    return layer_widths(network)[0] * positions


def parameter_shapes(architecture: Architecture) -> Mapping[str, Shape]:
    """Shape of every parameter, by name, in the order in which they are drawn.

    Weights are (units out, units in), those of maps (channels out, channels in, 3, 3), biases (units out,),
    gains scalars.
    """
    return architecture.parameter_shapes


def compute_parameter_shapes(architecture: Architecture) -> dict[str, Shape]:
    """What `parameter_shapes` answers, computed anew."""
    shapes: dict[str, Shape] = {}
    for network in architecture.networks:
        shapes |= _network_shapes(architecture, network)
    for output in architecture.outputs:
        shapes |= {gain_name(output.name, source): () for source in architecture.sources(output.name)}
    return shapes


def parameter_count(architecture: Architecture) -> int:
    """Numbers that training can change.

    Example:
        >>> parameter_count(Architecture((), (), (), ()))
        0
    """
    return sum(prod(shape) for shape in parameter_shapes(architecture).values())


def mac_count(architecture: Architecture) -> int:
    """Multiply-accumulates a row, those of weight matrices and kernels; looking up a category costs none.

    Example:
        >>> mac_count(Architecture((), (), (), ()))
        0
    """
    return sum(parameter_macs(architecture).values())


def parameter_macs(architecture: Architecture) -> Mapping[str, int]:
    """Multiply-accumulates a row of every weight that takes part in a product, by name.

    Example:
        >>> parameter_macs(Architecture((), (), (), ()))
        {}
    """
    macs: dict[str, int] = {}
    for network in architecture.networks:
        macs |= _network_macs(architecture, network)
    return macs


def _network_shapes(architecture: Architecture, network: Network) -> dict[str, Shape]:
    prefix, widths = f"networks.{network.name}", layer_widths(network)
    kernel = (KERNEL, KERNEL) if network.is_convolutional else ()
    shapes: dict[str, Shape] = {}
    if network.is_decoder:
        shapes[f"{prefix}.latent_bias"] = (2 * network.latent,)
        shapes[f"{prefix}.from_latent"] = (first_layer_rows(network), network.latent)
    shapes |= dict(_block_shapes(architecture, network))
    shapes[f"{prefix}.bias_0"] = (first_layer_rows(network),)
    for index, (before, after) in enumerate(pairwise(widths), start=1):
        shapes[f"{prefix}.weight_{index}"] = (after, before, *kernel)
        shapes[f"{prefix}.bias_{index}"] = (after,)
    if network.normalisation == "layer":
        for index, layer in enumerate(network.hidden):
            shapes[f"{prefix}.norm_weight_{index}"] = (layer.width,)
            shapes[f"{prefix}.norm_bias_{index}"] = (layer.width,)
    return shapes


def _block_shapes(architecture: Architecture, network: Network) -> Iterator[tuple[str, Shape]]:
    first_rows = first_layer_rows(network)
    for connection in architecture.incoming(network.name):
        stochastic = connection.role == "stochastic"
        name = (latent_block_name if stochastic else block_name)(network.name, connection.source)
        if network.kind == "convolutional_encoder":
            channels = shape_of(architecture, connection.source)[0]
            yield name, (layer_widths(network)[0], channels, KERNEL, KERNEL)
        else:
            rows = 2 * network.latent if stochastic else first_rows
            yield name, (rows, read_width(architecture, connection))


def _network_macs(architecture: Architecture, network: Network) -> dict[str, int]:
    positions = _positions(architecture, network)
    macs: dict[str, int] = {}
    for name, shape in _network_shapes(architecture, network).items():
        part = name.rpartition(".")[2]
        if len(shape) > 1 and not (network.kind == "embedding" and part.startswith("from_")):
            index = int(part.removeprefix("weight_")) if part.startswith("weight_") else 0
            macs[name] = prod(shape) * (prod(positions[index]) if len(shape) == 4 else 1)
    return macs


def _positions(architecture: Architecture, network: Network) -> tuple[Size, ...]:
    """(height, width) of what each layer computes, the output layer last; none where there are no maps."""
    if not network.is_convolutional:
        return ()
    inner = (
        decoder_sizes(network)
        if network.kind == "convolutional_decoder"
        else encoder_sizes(network, source_size(architecture, network))
    )
    return (*inner, (network.shape[1], network.shape[2]))
