"""How fresh parameters are drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from math import prod
from types import MappingProxyType

import torch
from torch import Tensor

from graftwork.architecture import Architecture, Network, read_width, shape_of

Draw = Callable[[tuple[int, ...], int, int, torch.Generator], Tensor]


def _he(shape: tuple[int, ...], fan_in: int, fan_out: int, generator: torch.Generator) -> Tensor:
    return torch.randn(shape, generator=generator) * math.sqrt(2.0 / fan_in)


def _xavier(shape: tuple[int, ...], fan_in: int, fan_out: int, generator: torch.Generator) -> Tensor:
    limit = math.sqrt(6.0 / (fan_in + fan_out))
    return (torch.rand(shape, generator=generator) * 2 - 1) * limit


def _uniform(shape: tuple[int, ...], fan_in: int, fan_out: int, generator: torch.Generator) -> Tensor:
    return (torch.rand(shape, generator=generator) * 2 - 1) * math.sqrt(3.0 / fan_in)


def _normal(shape: tuple[int, ...], fan_in: int, fan_out: int, generator: torch.Generator) -> Tensor:
    return torch.randn(shape, generator=generator) / math.sqrt(fan_in)


INITIALISER_FUNCTIONS: Mapping[str, Draw] = MappingProxyType(
    {"he": _he, "xavier": _xavier, "uniform": _uniform, "normal": _normal}
)


def fresh_parameter(
    architecture: Architecture, name: str, shape: tuple[int, ...], generator: torch.Generator
) -> Tensor:
    """Draw one parameter: weights by the network's initialiser, biases 0, gains and scales 1.

    The fan-in of a block is that of its whole layer, so that the sum over blocks has the scale of one matrix.
    The output layer and the latent are drawn with unit gain: nothing rectifies them.
    """
    if name.startswith("outputs."):
        return torch.ones(shape)
    _, network_name, part = name.split(".")
    if part.startswith(("bias_", "latent_bias", "norm_bias")):
        return torch.zeros(shape)
    if part.startswith("norm_weight"):
        return torch.ones(shape)
    network = architecture.network(network_name)
    fan_in = _fan_in(architecture, network, part, shape)
    output_layer = part == f"weight_{len(network.hidden)}" or part.startswith("latent")
    unit_gain = output_layer or (part.startswith("from") and not network.hidden)
    draw = (
        _normal if unit_gain and network.initialiser == "he" else INITIALISER_FUNCTIONS[network.initialiser]
    )
    return draw(shape, fan_in, shape[0] * prod(shape[2:]), generator)


def _fan_in(architecture: Architecture, network: Network, part: str, shape: tuple[int, ...]) -> int:
    if part.startswith("weight"):
        return prod(shape[1:])
    stochastic = part.startswith("latent")
    blocks = [c for c in architecture.incoming(network.name) if (c.role == "stochastic") == stochastic]
    if network.kind == "embedding":
        return len(blocks)  # of each source one number is not zero
    if network.kind == "convolutional_encoder":
        return sum(shape_of(architecture, c.source)[0] for c in blocks) * prod(shape[2:])
    width = sum(read_width(architecture, connection) for connection in blocks)
    return width if stochastic else width + network.latent
