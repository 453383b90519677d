"""How fresh parameters are drawn."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Protocol

import torch
from torch import Tensor

from graftwork.architecture import Architecture, Network, read_width, shape_of


class Numbers(Protocol):
    """Where random numbers come from."""

    def normal(self, shape: tuple[int, ...]) -> Tensor:
        """Standard normal numbers."""
        ...

    def uniform(self, shape: tuple[int, ...]) -> Tensor:
        """Numbers from 0 to 1."""
        ...


@dataclass(frozen=True)
class Drawn:
    """Numbers drawn one after the other.

    Attributes:
        generator: Draws them.
    """

    generator: torch.Generator

    def normal(self, shape: tuple[int, ...]) -> Tensor:
        """Standard normal numbers."""
        return torch.randn(shape, generator=self.generator)

    def uniform(self, shape: tuple[int, ...]) -> Tensor:
        """Numbers from 0 to 1."""
        return torch.rand(shape, generator=self.generator)


Draw = Callable[[tuple[int, ...], int, int, Numbers], Tensor]


def _he(shape: tuple[int, ...], fan_in: int, fan_out: int, numbers: Numbers) -> Tensor:
    return numbers.normal(shape) * math.sqrt(2.0 / fan_in)


def _xavier(shape: tuple[int, ...], fan_in: int, fan_out: int, numbers: Numbers) -> Tensor:
    limit = math.sqrt(6.0 / (fan_in + fan_out))
    return (numbers.uniform(shape) * 2 - 1) * limit


def _uniform(shape: tuple[int, ...], fan_in: int, fan_out: int, numbers: Numbers) -> Tensor:
    return (numbers.uniform(shape) * 2 - 1) * math.sqrt(3.0 / fan_in)


def _normal(shape: tuple[int, ...], fan_in: int, fan_out: int, numbers: Numbers) -> Tensor:
    return numbers.normal(shape) / math.sqrt(fan_in)


INITIALISER_FUNCTIONS: Mapping[str, Draw] = MappingProxyType(
    {"he": _he, "xavier": _xavier, "uniform": _uniform, "normal": _normal}
)


def fresh_parameter(
    architecture: Architecture, name: str, shape: tuple[int, ...], numbers: Numbers
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
    return draw(shape, fan_in, shape[0] * prod(shape[2:]), numbers)


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
