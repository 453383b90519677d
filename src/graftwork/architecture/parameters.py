"""Names and shapes of an architecture's parameters, known without building a model.

The names are the contract between an operator's inheritance plan and the model. The first layer of a
network holds one block of weights per source, named after it, so that weights meet their sources by
name and never by position.
"""

from __future__ import annotations

from itertools import pairwise

from graftwork.architecture._graph import Architecture, Network

Shape = tuple[int, ...]


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
    """Units of every layer of a network, hidden ones first, its output layer last."""
    return (*(layer.width for layer in network.hidden), network.width)


def parameter_shapes(architecture: Architecture) -> dict[str, Shape]:
    """Shape of every parameter, by name, in the order in which they are drawn.

    Weights are (units out, units in), biases (units out,), gains scalars.
    """
    shapes: dict[str, Shape] = {}
    for network in architecture.networks:
        shapes |= _network_shapes(architecture, network)
    for output in architecture.outputs:
        shapes |= {gain_name(output.name, source): () for source in architecture.sources(output.name)}
    return shapes


def _network_shapes(architecture: Architecture, network: Network) -> dict[str, Shape]:
    prefix, widths = f"networks.{network.name}", layer_widths(network)
    shapes: dict[str, Shape] = {}
    if network.kind == "decoder":
        shapes[f"{prefix}.latent_bias"] = (2 * network.latent,)
        shapes[f"{prefix}.from_latent"] = (widths[0], network.latent)
    for connection in architecture.incoming(network.name):
        rows = 2 * network.latent if connection.role == "stochastic" else widths[0]
        name = connection_parameter(architecture, connection.source, network.name)
        shapes[name] = (rows, architecture.by_name[connection.source].width)
    shapes[f"{prefix}.bias_0"] = (widths[0],)
    for index, (before, after) in enumerate(pairwise(widths), start=1):
        shapes[f"{prefix}.weight_{index}"] = (after, before)
        shapes[f"{prefix}.bias_{index}"] = (after,)
    if network.normalisation == "layer":
        for index, layer in enumerate(network.hidden):
            shapes[f"{prefix}.norm_weight_{index}"] = (layer.width,)
            shapes[f"{prefix}.norm_bias_{index}"] = (layer.width,)
    return shapes
